#include "worker/steps/preflight/system_path.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "worker/steps/resources/host_directory.h"

namespace davit::steps {
namespace {

// With all that lies in them.
constexpr absl::string_view kTrees[] = {"/bin",
                                        "/boot",
                                        "/dev",
                                        "/etc",
                                        "/lib",
                                        "/lib32",
                                        "/lib64",
                                        "/libx32",
                                        "/proc",
                                        "/run",
                                        "/sbin",
                                        "/snap",
                                        "/sys",
                                        "/usr",
                                        "/var/lib/apt",
                                        "/var/lib/containerd",
                                        "/var/lib/docker",
                                        "/var/lib/dpkg",
                                        "/var/lib/rpm",
                                        "/var/lib/systemd",
                                        "/var/run"};

// Only themselves: what lies in them is somebody's, and may be the app's.
constexpr absl::string_view kDirectories[] = {
    "/",          "/home",      "/lost+found", "/media",     "/mnt",     "/opt",
    "/root",      "/srv",       "/tmp",        "/usr/local", "/var",     "/var/backups",
    "/var/cache", "/var/lib",   "/var/local",  "/var/lock",  "/var/log", "/var/mail",
    "/var/opt",   "/var/spool", "/var/tmp",    "/var/www"};

// Volumes are the apps' own, though they lie where Docker keeps its data.
constexpr absl::string_view kVolumes = "/var/lib/docker/volumes/";

bool IsHome(const std::filesystem::path& path) { return path.parent_path() == "/home"; }

bool IsListed(const std::string& path) {
  if (absl::StartsWith(path, kVolumes)) return false;
  const bool in_tree =
      std::any_of(std::begin(kTrees), std::end(kTrees), [&](absl::string_view tree) {
        return path == tree || absl::StartsWith(path, absl::StrCat(tree, "/"));
      });
  return in_tree || IsHome(path) ||
         std::find(std::begin(kDirectories), std::end(kDirectories), path) !=
             std::end(kDirectories);
}

}  // namespace

bool IsSystemPath(const std::string& path) {
  if (IsListed(CleanPath(path))) return true;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return !error && IsListed(CleanPath(real));
}

}  // namespace davit::steps
