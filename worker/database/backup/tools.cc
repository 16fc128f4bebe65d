#include "worker/database/backup/tools.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "worker/database/backup/archive_failure.h"

namespace davit::database {
namespace {

constexpr absl::Duration kVersionPatience = absl::Seconds(10);

struct FoundTools {
  std::string directory;
  std::string version;
  int major = 0;
};

std::string ToolPath(const std::string& directory, PostgresTool tool) {
  return absl::StrCat(directory, "/", tool == PostgresTool::kDump ? "pg_dump" : "pg_restore");
}

bool HasBothTools(const std::string& directory) {
  return access(ToolPath(directory, PostgresTool::kDump).c_str(), X_OK) == 0 &&
         access(ToolPath(directory, PostgresTool::kRestore).c_str(), X_OK) == 0;
}

// That of the server's version first: it need not be asked what the others have.
std::vector<std::string> ToolDirectories(int server_major, const ToolPlaces& places) {
  std::vector<std::string> directories = {absl::StrCat(places.versions, "/", server_major, "/bin")};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(places.versions, error)) {
    const std::string directory = absl::StrCat(entry.path().string(), "/bin");
    if (directory != directories.front()) directories.push_back(directory);
  }
  directories.insert(directories.end(), places.path.begin(), places.path.end());
  return directories;
}

std::optional<FoundTools> AskVersion(const Call& call, const std::string& directory) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
  const auto closing = absl::MakeCleanup([&pipe] {
    close(pipe[0]);
    close(pipe[1]);
  });
  fcntl(pipe[0], F_SETFL, O_NONBLOCK);
  const auto end = RunChild(
      call.Within(kVersionPatience),
      {.arguments = {ToolPath(directory, PostgresTool::kDump), "--version"}, .output = pipe[1]});
  std::array<char, 256> said{};
  const ssize_t count = read(pipe[0], said.data(), said.size());
  if (!end.ok() || !end->ok() || count <= 0) return std::nullopt;
  const auto version = ParseToolVersion(absl::string_view(said.data(), count));
  if (!version.has_value()) return std::nullopt;
  return FoundTools{directory, version->text, version->major};
}

std::string PackageAdvice(int major) {
  return absl::StrCat("install postgresql-client-", major, " on the worker's host");
}

absl::Status NoTools(int server_major, const ToolPlaces& places) {
  return ArchiveFailureStatus(
      {ArchiveReason::kToolMissing,
       absl::StrCat("this host has no pg_dump and pg_restore for PostgreSQL ", server_major),
       absl::StrCat("looked in ", places.versions, "/*/bin and ", absl::StrJoin(places.path, ", ")),
       PackageAdvice(server_major)});
}

absl::Status OnlyOlderTools(int server_major, const std::vector<FoundTools>& found) {
  std::set<std::string> seen;
  for (const FoundTools& tools : found) {
    seen.insert(absl::StrCat(tools.directory, " has ", tools.version));
  }
  return ArchiveFailureStatus(
      {ArchiveReason::kToolTooOld,
       absl::StrCat("the server is PostgreSQL ", server_major,
                    ", and this host's pg_dump is older: it refuses such a server"),
       absl::StrJoin(seen, ", "), PackageAdvice(server_major)});
}

}  // namespace

// "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", or "16beta1".
std::optional<ToolVersion> ParseToolVersion(absl::string_view said) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(said, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  if (words.size() < 3 || words[1] != "(PostgreSQL)") return std::nullopt;
  ToolVersion version{.text = std::string(words[2])};
  const size_t digits = words[2].find_first_not_of("0123456789");
  if (!absl::SimpleAtoi(words[2].substr(0, digits), &version.major)) return std::nullopt;
  return version;
}

ToolPlaces HostToolPlaces() {
  ToolPlaces places;
  const char* const path = std::getenv("PATH");
  if (path != nullptr) places.path = absl::StrSplit(path, ':', absl::SkipEmpty());
  return places;
}

absl::StatusOr<HostTools> HostTools::Find(const Call& call, int server_major,
                                          const ToolPlaces& places) {
  std::vector<FoundTools> found;
  const FoundTools* best = nullptr;
  for (const std::string& directory : ToolDirectories(server_major, places)) {
    if (!HasBothTools(directory)) continue;
    if (auto tools = AskVersion(call, directory); tools.has_value()) found.push_back(*tools);
    if (!found.empty() && found.back().major == server_major) break;
  }
  for (const FoundTools& tools : found) {
    if (tools.major < server_major) continue;
    if (best == nullptr || tools.major < best->major) best = &tools;
  }
  if (best != nullptr) return HostTools(best->directory, best->version, best->major);
  if (absl::Status ended = call.Check(); !ended.ok()) return ended;
  return found.empty() ? NoTools(server_major, places) : OnlyOlderTools(server_major, found);
}

absl::StatusOr<ChildEnd> HostTools::Run(const Call& call, const ToolRun& run) {
  std::vector<std::string> arguments = {ToolPath(directory_, run.tool)};
  arguments.insert(arguments.end(), run.arguments.begin(), run.arguments.end());
  return RunChild(call, {.arguments = std::move(arguments),
                         .environment = run.environment,
                         .input = run.input,
                         .output = run.output,
                         .progress = run.progress});
}

}  // namespace davit::database
