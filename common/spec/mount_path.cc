#include "common/spec/mount_path.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::spec {
namespace {

constexpr size_t kLongestPath = 4095;  // Linux's PATH_MAX, without the end

}  // namespace

std::string NormalPath(absl::string_view path) {
  std::string result;
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (!part.empty() && part != ".") absl::StrAppend(&result, "/", part);
  }
  return result;
}

std::string PathFault(absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return "must be an absolute path";
  if (path.size() > kLongestPath) return absl::StrCat("is longer than ", kLongestPath, " bytes");
  if (absl::StrContains(path, ':')) return "must not contain ':'";
  if (absl::StrContains(path, '\0')) return "must not contain a zero byte";
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return "must not contain '..'";
  }
  return "";
}

absl::string_view ParentDirectory(absl::string_view path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace davit::spec
