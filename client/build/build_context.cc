#include "client/build/build_context.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/build/context_tar.h"
#include "client/build/context_walk.h"
#include "client/build/unreadable.h"
#include "common/failure/failure.h"

namespace davit::build {
namespace {

constexpr char kIgnoreFile[] = ".dockerignore";

absl::Status Invalid(const std::string& message, const std::string& next) {
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, message);
  failure.set_next_command(next);
  return FailureStatus(failure);
}

absl::Status CheckPlaces(const std::string& directory, const std::string& dockerfile) {
  struct stat facts {};
  if (stat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    const std::string path = std::filesystem::path(directory).lexically_normal();
    return Invalid(absl::StrCat("there is no directory ", path, " to build from"),
                   "correct `build.context`, which is relative to davit.yaml");
  }
  if (absl::StartsWith(dockerfile, "/") || dockerfile == ".." ||
      absl::StartsWith(dockerfile, "../")) {
    return Invalid(absl::StrCat("the Dockerfile ", dockerfile, " lies outside of the context"),
                   "put it into the context, or let `build.context` be a directory above");
  }
  const std::string path =
      std::filesystem::path(absl::StrCat(directory, "/", dockerfile)).lexically_normal();
  if (lstat(path.c_str(), &facts) != 0 || S_ISDIR(facts.st_mode)) {
    return Invalid(absl::StrCat("there is no Dockerfile at ", path),
                   "correct `build.dockerfile`, which is relative to the context");
  }
  return absl::OkStatus();
}

// nullopt when there is no such file.
absl::StatusOr<std::optional<std::string>> ReadIfThere(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return Unreadable(path, errno);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return Unreadable(path, EIO);
  return text.str();
}

absl::StatusOr<IgnoreRules> ReadRules(const std::string& directory, const std::string& dockerfile) {
  for (const std::string& name : {dockerfile + kIgnoreFile, std::string(kIgnoreFile)}) {
    const auto text = ReadIfThere(absl::StrCat(directory, "/", name));
    if (!text.ok()) return text.status();
    if (!text->has_value()) continue;
    auto rules = IgnoreRules::Parse(**text);
    if (rules.ok()) return rules;
    return Invalid(absl::StrCat(name, ", ", rules.status().message()), "correct that line");
  }
  return IgnoreRules();
}

}  // namespace

absl::StatusOr<BuildContext> BuildContext::Open(std::string directory, std::string dockerfile) {
  dockerfile = CleanPath(dockerfile);
  if (absl::Status places = CheckPlaces(directory, dockerfile); !places.ok()) return places;
  auto rules = ReadRules(directory, dockerfile);
  if (!rules.ok()) return rules.status();
  // The engine reads both, and takes them out itself where they are left out.
  rules->TakeBack(dockerfile);
  rules->TakeBack(kIgnoreFile);
  return BuildContext(std::move(directory), std::move(dockerfile), *std::move(rules));
}

absl::Status BuildContext::Send(absl::FunctionRef<bool(absl::string_view)> sink,
                                absl::FunctionRef<void(const std::string&)> note) const {
  ContextTar tar(sink);
  const absl::Status walked = WalkContext(
      directory_, rules_, [&tar](const ContextEntry& entry) { return tar.Add(entry); }, note);
  return walked.ok() ? tar.Finish() : walked;
}

}  // namespace davit::build
