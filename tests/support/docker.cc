#include "tests/support/docker.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/id.h"
#include "tests/support/process.h"
#include "tests/support/tar_writer.h"
#include "tests/support/temp_dir.h"
#include "worker/docker/http.h"
#include "worker/docker/json.h"

namespace davit::test {
namespace {

constexpr const char* kBusybox = "/usr/bin/busybox";
constexpr absl::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n";
constexpr absl::string_view kGroup = "root:x:0:\napp:x:1000:\n";
constexpr absl::string_view kApplets =
    "sh cat chmod cp cut date dd echo env expr false free grep head hostname httpd id kill ln ls "
    "mkdir mv nc printf ps pwd rm sed seq sleep sort stat stty sync tail tee test timeout touch tr "
    "trap true tty uname wc wget whoami yes";

std::string ReadBusybox() {
  std::ostringstream content;
  content << std::ifstream(kBusybox, std::ios::binary).rdbuf();
  return content.str();
}

void AddBusybox(TarWriter& tar) {
  static const std::string* const kProgram = new std::string(ReadBusybox());
  for (const absl::string_view directory : {"bin", "dev", "etc", "home", "proc", "sys", "www"}) {
    tar.AddDirectory(directory);
  }
  tar.AddDirectory("tmp", 01777);
  tar.AddFile("bin/busybox", *kProgram, 0755);
  for (const absl::string_view applet : absl::StrSplit(kApplets, ' ')) {
    tar.AddLink(absl::StrCat("bin/", applet), "busybox");
  }
  tar.AddFile("etc/passwd", kPasswd);
  tar.AddFile("etc/group", kGroup);
  tar.AddFile("www/index.html", "hello\n");
  tar.AddFile("www/health", "ok\n");
}

std::string RootFileSystem(const ImageExtras& extras) {
  TarWriter tar;
  if (!extras.bare) AddBusybox(tar);
  for (const std::string& directory : extras.closed) tar.AddDirectory(directory, 0700);
  tar.AddFile("davit-test", NewRandomId());
  for (const auto& [path, content] : extras.files) {
    tar.AddFile(absl::StripPrefix(path, "/"), content,
                absl::StartsWith(path, "/bin/") ? 0755 : 0644);
  }
  return tar.Finish();
}

std::string ImportPath(absl::string_view reference, const std::vector<std::string>& command,
                       const ImageExtras& extras) {
  const size_t colon = reference.rfind(':');
  std::string path =
      absl::StrCat("/images/create?fromSrc=-&repo=", docker::UrlEscape(reference.substr(0, colon)),
                   "&tag=", docker::UrlEscape(reference.substr(colon + 1)));
  std::vector<std::string> changes = extras.changes;
  if (!command.empty()) {
    changes.push_back(absl::StrCat("CMD ", docker::DumpJson(docker::Json(command))));
  }
  for (const std::string& change : changes) {
    absl::StrAppend(&path, "&changes=", docker::UrlEscape(change));
  }
  return path;
}

// What `docker save` would write of an image for another platform: an import is
// always for the engine's own.
absl::StatusOr<std::string> SavedImage(absl::string_view reference,
                                       const std::vector<std::string>& command,
                                       const ImageExtras& extras) {
  const TempDir directory;
  const std::string layer = RootFileSystem(extras);
  const auto sum = RunProgram({"sha256sum", directory.Write("layer.tar", layer)});
  if (!sum.ok()) return sum.status();
  const std::vector<std::string> platform = absl::StrSplit(extras.platform, '/');
  const docker::Json config = {
      {"os", platform.at(0)},
      {"architecture", platform.at(1)},
      {"config", {{"Cmd", command}}},
      {"rootfs",
       {{"type", "layers"}, {"diff_ids", {absl::StrCat("sha256:", sum->substr(0, 64))}}}}};
  const docker::Json manifest = {{{"Config", "config.json"},
                                  {"RepoTags", {std::string(reference)}},
                                  {"Layers", {"layer.tar"}}}};
  TarWriter tar;
  tar.AddFile("manifest.json", docker::DumpJson(docker::Json::array({manifest[0]})));
  tar.AddFile("config.json", docker::DumpJson(config));
  tar.AddFile("layer.tar", layer);
  return tar.Finish();
}

}  // namespace

std::string DockerSocket() {
  const char* set = std::getenv("DAVIT_TEST_DOCKER_SOCKET");
  return set != nullptr && *set != '\0' ? set : "/var/run/docker.sock";
}

docker::Engine& TestEngine() {
  static auto* const engine = new docker::Engine(DockerSocket());
  return *engine;
}

Call TestCall() { return Call{absl::Now() + absl::Minutes(1)}; }

absl::StatusOr<std::string> ImportBusyboxImage(absl::string_view reference,
                                               const std::vector<std::string>& command,
                                               const ImageExtras& extras) {
  docker::HttpRequest request = {"POST", "/images/load"};
  if (extras.platform.empty()) {
    request = {"POST", ImportPath(reference, command, extras), RootFileSystem(extras)};
  } else {
    absl::StatusOr<std::string> saved = SavedImage(reference, command, extras);
    if (!saved.ok()) return saved.status();
    request.body = *std::move(saved);
  }
  docker::HttpClient http(DockerSocket());
  const absl::StatusOr<docker::HttpResponse> response = http.Send(request, TestCall());
  if (!response.ok()) return response.status();
  if (!response->ok() || absl::StrContains(response->body, "\"error\"")) {
    return absl::InternalError(absl::StrCat("the import failed: ", response->body));
  }
  const absl::StatusOr<docker::ImageDetails> image =
      TestEngine().InspectImage(reference, TestCall());
  if (!image.ok()) return image.status();
  return image->id;
}

std::vector<std::string> HttpdCommand(int port) {
  return {"/bin/httpd", "-f", "-p", absl::StrCat(port), "-h", "/www"};
}

ScopedContainer::~ScopedContainer() {
  TestEngine().RemoveContainer(container_, TestCall()).IgnoreError();
}

ScopedImage::~ScopedImage() { TestEngine().RemoveImage(reference_, TestCall()).IgnoreError(); }

ScopedLabel::~ScopedLabel() {
  const auto containers = TestEngine().ListContainers({{name_, value_}}, TestCall());
  if (!containers.ok()) return;
  for (const auto& container : *containers) {
    TestEngine().RemoveContainer(container.id(), TestCall()).IgnoreError();
  }
}

}  // namespace davit::test
