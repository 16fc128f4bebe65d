#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/checks.h"
#include "common/spec/mount_path.h"
#include "common/spec/name.h"
#include "common/spec/problem_list.h"

namespace davit::spec {
namespace {

class Mounts {
 public:
  Mounts(const v1::Container& container, const std::string& path, const Report& report)
      : container_(container), path_(path), report_(report) {}

  void Check() {
    for (int i = 0; i < container_.volumes_size(); ++i) {
      const std::string path = PathOf(PathOf(path_, "volumes"), i);
      Source(container_.volumes(i).source(), PathOf(path, "source"));
      Target("target", container_.volumes(i).target(), PathOf(path, "target"));
    }
    for (int i = 0; i < container_.tmpfs_size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(container_.tmpfs(i), absl::MaxSplits(':', 1));
      Target("tmpfs", parts.first, PathOf(PathOf(path_, "tmpfs"), i));
    }
  }

 private:
  void Source(const std::string& source, const std::string& path) {
    if (source.empty() || IsVolumeName(source)) return;
    const std::string fault = PathFault(source);
    if (fault.empty()) return;
    report_({path, absl::StartsWith(source, "/")
                       ? absl::StrCat("`source` ", fault)
                       : "`source` must be an absolute path or the name of a volume; the host "
                         "knows nothing of the file's directory"});
  }

  void Target(absl::string_view name, absl::string_view target, const std::string& path) {
    if (target.empty() && name == "target") return;  // the rules have said so
    const std::string fault = PathFault(target);
    const std::string normal = NormalPath(target);
    if (!fault.empty()) {
      report_({path, absl::StrCat("`", name, "` ", fault)});
    } else if (normal.empty()) {
      report_({path, absl::StrCat("`", name, "` must not be the root directory")});
    } else if (!taken_.insert(normal).second) {
      report_({path, absl::StrCat("two mounts at ", Quoted(normal))});
    }
  }

  const v1::Container& container_;
  const std::string& path_;
  const Report& report_;
  absl::flat_hash_set<std::string> taken_;
};

}  // namespace

void CheckMounts(const v1::Container& container, const std::string& path, const Report& report) {
  Mounts(container, path, report).Check();
}

}  // namespace davit::spec
