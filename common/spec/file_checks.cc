#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/checks.h"
#include "common/spec/file_template.h"
#include "common/spec/mount_path.h"
#include "common/spec/problem_list.h"

namespace davit::spec {
namespace {

// What an app has mounted at a place.
struct Mounted {
  enum class Kind { kFile, kDirectory, kReadOnlyDirectory };
  Kind kind = Kind::kDirectory;
  std::string path;  // in the spec, of the target
};

// Where an app's files lie in the container, beside each other and beside its mounts.
class Targets {
 public:
  Targets(const v1::App& app, const std::string& path, const Report& report)
      : app_(app), path_(path), report_(report) {}

  void Check() {
    TakeDirectories();
    for (int i = 0; i < app_.env_mounts_size(); ++i) {
      TakeFile(app_.env_mounts(i).target(), PathOf(PathOf(path_, "env_mounts"), i));
    }
    for (int i = 0; i < app_.files_size(); ++i) {
      TakeFile(app_.files(i).target(), PathOf(PathOf(path_, "files"), i));
    }
    for (const auto& [target, mounted] : mounted_) CheckAbove(target, mounted);
  }

 private:
  void TakeDirectories() {
    const v1::Container& container = app_.container();
    const std::string path = PathOf(path_, "container");
    for (int i = 0; i < container.volumes_size(); ++i) {
      const v1::Volume& volume = container.volumes(i);
      const auto kind =
          volume.read_only() ? Mounted::Kind::kReadOnlyDirectory : Mounted::Kind::kDirectory;
      TakeDirectory(volume.target(), kind, PathOf(PathOf(PathOf(path, "volumes"), i), "target"));
    }
    for (int i = 0; i < container.tmpfs_size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(container.tmpfs(i), absl::MaxSplits(':', 1));
      TakeDirectory(parts.first, Mounted::Kind::kDirectory, PathOf(PathOf(path, "tmpfs"), i));
    }
  }

  // What is wrong with it as such is for CheckMounts() to say.
  void TakeDirectory(absl::string_view target, Mounted::Kind kind, std::string path) {
    if (PathFault(target).empty()) mounted_.emplace(NormalPath(target), Mounted{kind, path});
  }

  void TakeFile(const std::string& target, const std::string& entry) {
    if (target.empty()) return;  // the rules have said so
    const std::string path = PathOf(entry, "target");
    std::string fault = PathFault(target);
    const std::string normal = NormalPath(target);
    if (fault.empty() && normal != target) {
      fault = normal.empty() ? "must not be the root directory"
                             : absl::StrCat("must be written as ", Quoted(normal));
    }
    if (fault.empty() && (normal == "/proc" || absl::StartsWith(normal, "/proc/"))) {
      fault = "must not lie in /proc, where nothing can be mounted";
    }
    if (!fault.empty()) {
      report_({path, absl::StrCat("`target` ", fault)});
      return;
    }
    const auto [other, is_new] = mounted_.emplace(normal, Mounted{Mounted::Kind::kFile, path});
    if (is_new) return;
    report_({path, other->second.kind == Mounted::Kind::kFile
                       ? absl::StrCat("two files at ", Quoted(normal))
                       : absl::StrCat("a directory is mounted at ", Quoted(normal), " already")});
  }

  // A file has nothing below it, and Docker cannot make the place of a mount where it may
  // not write.
  void CheckAbove(absl::string_view target, const Mounted& mounted) {
    for (absl::string_view above = ParentDirectory(target); !above.empty();
         above = ParentDirectory(above)) {
      const auto found = mounted_.find(above);
      if (found == mounted_.end()) continue;
      if (found->second.kind == Mounted::Kind::kFile) {
        report_({mounted.path,
                 absl::StrCat(Quoted(target), " lies below ", Quoted(above), ", which is a file")});
        return;
      }
      if (found->second.kind == Mounted::Kind::kReadOnlyDirectory &&
          mounted.kind == Mounted::Kind::kFile) {
        report_({mounted.path, absl::StrCat(Quoted(target), " lies in the read-only volume ",
                                            Quoted(above), ", where it cannot be put")});
      }
      return;  // what is mounted there hides what lies above
    }
  }

  const v1::App& app_;
  const std::string& path_;
  const Report& report_;
  absl::flat_hash_map<std::string, Mounted> mounted_;  // by normal path
};

// The loader fills them in; over the wire they may be missing.
template <typename FileOrMount>
void CheckOwnership(const FileOrMount& file, const std::string& path, const Report& report) {
  if (file.owner().empty()) report({PathOf(path, "owner"), "`owner` must not be empty"});
  if (file.mode().empty()) report({PathOf(path, "mode"), "`mode` must not be empty"});
}

}  // namespace

void CheckFiles(const v1::App& app, const std::string& path, const Report& report) {
  Targets(app, path, report).Check();
  for (int i = 0; i < app.env_mounts_size(); ++i) {
    const std::string entry = PathOf(PathOf(path, "env_mounts"), i);
    CheckOwnership(app.env_mounts(i), entry, report);
    if (!app.env_mounts(i).format().empty()) continue;
    report({PathOf(entry, "format"), "`format` must not be empty"});
  }
  for (int i = 0; i < app.files_size(); ++i) {
    CheckOwnership(app.files(i), PathOf(PathOf(path, "files"), i), report);
    const auto names = TemplateNames(app.files(i).content());
    if (names.ok()) continue;
    report({PathOf(PathOf(PathOf(path, "files"), i), "content"),
            absl::StrCat("`content`, ", names.status().message())});
  }
}

}  // namespace davit::spec
