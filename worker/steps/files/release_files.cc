#include "worker/steps/files/release_files.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/const_init.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"
#include "worker/steps/files/directory_walk.h"

namespace davit::steps {
namespace {

constexpr char kRootName[] = "files";
// Beside the release's own directory, whose name never begins with a dot.
constexpr char kDraftPrefix[] = ".new-";
constexpr char kReplacedPrefix[] = ".old-";
constexpr std::chrono::hours kLeftoverAge(24);
// With no step that is known of it.
constexpr std::chrono::hours kBrokenOffAge(1);
// Of an app's directory below the root: project, environment, app.
constexpr int kDepthOfApp = 3;

// "files" and the parts of `directory`.
absl::StatusOr<std::vector<std::string>> WayTo(absl::string_view directory) {
  std::vector<std::string> names = {kRootName};
  for (const absl::string_view name : absl::StrSplit(directory, '/')) {
    if (!IsSafeFileName(name)) {
      return FailureStatus(v1::INTERNAL, absl::StrCat("\"", directory,
                                                      "\" is no directory of a "
                                                      "release's files"));
    }
    names.emplace_back(name);
  }
  return names;
}

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);  // removes links, and follows none
  return error ? FileFailure(path, "cannot be removed", error.value()) : absl::OkStatus();
}

// The engine mounts by absolute paths.
std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

absl::Status MoveTo(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return FileFailure(from, absl::StrCat("cannot be renamed to ", to), errno);
}

// A release's directory and what lies beside it for a moment.
struct Place {
  std::string parent, name;

  std::string path() const { return absl::StrCat(parent, "/", name); }
  std::string draft() const { return absl::StrCat(parent, "/", kDraftPrefix, name); }
  std::string replaced() const { return absl::StrCat(parent, "/", kReplacedPrefix, name); }
};

Place PlaceOf(const std::string& state_directory, std::vector<std::string> way) {
  Place place{state_directory, std::move(way.back())};
  way.pop_back();
  for (const std::string& name : way) absl::StrAppend(&place.parent, "/", name);
  return place;
}

std::vector<std::string> ParentOf(std::vector<std::string> way) {
  way.pop_back();
  return way;
}

absl::Status WriteDraft(int draft, const Place& place, const std::vector<RenderedFile>& files) {
  for (const RenderedFile& file : files) {
    absl::Status status =
        WriteRenderedFile(draft, file, absl::StrCat(place.draft(), "/", file.name));
    if (!status.ok()) return status;
  }
  return fsync(draft) == 0 ? absl::OkStatus()
                           : FileFailure(place.draft(), "cannot be written", errno);
}

absl::Status RemoveLeftovers(const Place& place) {
  if (absl::Status status = RemoveTree(place.draft()); !status.ok()) return status;
  return RemoveTree(place.replaced());
}

// Held while directories that releases share are made or removed: one that is being made
// for a release must not go with another release's.
ABSL_CONST_INIT absl::Mutex shared_directories(absl::kConstInit);

// Where a release is written. What lies above the draft stays as long as that does.
struct Draft {
  Descriptor parent, directory;
  bool replaces = false;  // an earlier try's
};

absl::StatusOr<Draft> MakeDraft(const std::string& base, std::vector<std::string> way,
                                const Place& place) {
  absl::MutexLock lock(&shared_directories);
  auto parent = OpenBelow(base, ParentOf(way), /*make=*/true);
  if (!parent.ok()) return parent.status();
  // What is replaced must be a directory of ours, not a link.
  const auto earlier = OpenBelow(base, way, /*make=*/false);
  if (!earlier.ok() && !absl::IsNotFound(earlier.status())) return earlier.status();
  if (absl::Status status = RemoveLeftovers(place); !status.ok()) return status;
  way.back() = absl::StrCat(kDraftPrefix, place.name);
  auto directory = OpenBelow(base, way, /*make=*/true);
  if (!directory.ok()) return directory.status();
  return Draft{*std::move(parent), *std::move(directory), earlier.ok()};
}

void RemoveEmptyAbove(const Place& place, size_t most) {
  absl::MutexLock lock(&shared_directories);
  std::filesystem::path above = place.parent;
  for (; most > 0; --most, above = above.parent_path()) {
    if (rmdir(above.c_str()) != 0) return;
  }
}

// What is not to be kept of an app's directory.
struct Spare {
  std::vector<std::string> releases;   // names
  std::vector<std::string> leftovers;  // paths
};

Spare FindSpare(const std::string& directory, const std::set<int64_t>& keep) {
  const auto long_ago = std::filesystem::file_time_type::clock::now() - kLeftoverAge;
  Spare spare;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    int64_t number = 0;
    std::string name = entry.path().filename();
    if (!absl::SimpleAtoi(name, &number)) {
      const auto written = entry.last_write_time(error);
      if (!error && written < long_ago) spare.leftovers.push_back(entry.path());
    } else if (!keep.contains(number)) {
      spare.releases.push_back(std::move(name));
    }
  }
  return spare;
}

// What lies `depth` directories below `directory`. What cannot be read has nothing.
std::vector<std::filesystem::directory_entry> EntriesBelow(const std::filesystem::path& directory,
                                                           int depth) {
  std::vector<std::filesystem::directory_entry> entries;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (depth == 0) {
      entries.push_back(*entry);
    } else if (entry->symlink_status(error).type() == std::filesystem::file_type::directory) {
      for (auto& below : EntriesBelow(entry->path(), depth - 1)) {
        entries.push_back(std::move(below));
      }
    }
  }
  return entries;
}

// The deployment whose check has a directory of that name, whether finished or not; of a
// release: its number.
absl::string_view OwnerOfFiles(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kDraftPrefix)) absl::ConsumePrefix(&name, kReplacedPrefix);
  return name;
}

bool IsBrokenOff(const std::filesystem::directory_entry& entry,
                 const std::set<std::string>& are_known) {
  const std::string name = entry.path().filename();
  int64_t number = 0;
  if (absl::SimpleAtoi(name, &number)) return false;
  if (are_known.contains(std::string(OwnerOfFiles(name)))) return false;
  std::error_code error;
  const auto written = std::filesystem::last_write_time(entry.path(), error);
  return !error && written < std::filesystem::file_time_type::clock::now() - kBrokenOffAge;
}

}  // namespace

ReleaseFiles::ReleaseFiles(const std::string& state_directory)
    : state_directory_(AbsolutePath(state_directory)) {}

absl::StatusOr<std::string> ReleaseFiles::PathOf(absl::string_view directory) const {
  auto way = WayTo(directory);
  if (!way.ok()) return way.status();
  return PlaceOf(state_directory_, *std::move(way)).path();
}

absl::Status ReleaseFiles::Write(absl::string_view directory,
                                 const std::vector<RenderedFile>& files) const {
  auto way = WayTo(directory);
  if (!way.ok()) return way.status();
  const Place place = PlaceOf(state_directory_, *way);
  const auto draft = MakeDraft(state_directory_, *std::move(way), place);
  if (!draft.ok()) return draft.status();
  absl::Status status = WriteDraft(draft->directory.fd(), place, files);
  if (status.ok() && draft->replaces) status = MoveTo(place.path(), place.replaced());
  if (status.ok()) status = MoveTo(place.draft(), place.path());
  if (!status.ok()) {
    RemoveTree(place.draft()).IgnoreError();
    return status;
  }
  if (fsync(draft->parent.fd()) != 0) {
    return FileFailure(place.path(), "cannot be written", errno);
  }
  return RemoveTree(place.replaced());
}

absl::Status ReleaseFiles::Remove(absl::string_view directory) const {
  auto way = WayTo(directory);
  if (!way.ok()) return way.status();
  const Place place = PlaceOf(state_directory_, *way);
  {
    const auto parent = OpenBelow(state_directory_, ParentOf(*way), /*make=*/false);
    if (absl::IsNotFound(parent.status())) return absl::OkStatus();
    if (!parent.ok()) return parent.status();
    if (absl::Status status = RemoveLeftovers(place); !status.ok()) return status;
    if (absl::Status status = RemoveTree(place.path()); !status.ok()) return status;
    if (fsync(parent->fd()) != 0) return FileFailure(place.path(), "cannot be removed", errno);
  }
  RemoveEmptyAbove(place, way->size() - 2);  // not the root, which all of them have
  return absl::OkStatus();
}

absl::StatusOr<int> ReleaseFiles::RemoveOthers(absl::string_view app,
                                               const std::set<int64_t>& keep) const {
  const auto way = WayTo(app);
  if (!way.ok()) return way.status();
  const auto opened = OpenBelow(state_directory_, *way, /*make=*/false);
  if (absl::IsNotFound(opened.status())) return 0;
  if (!opened.ok()) return opened.status();
  const std::string directory = PlaceOf(state_directory_, *way).path();
  const Spare spare = FindSpare(directory, keep);
  for (const std::string& path : spare.leftovers) {
    if (absl::Status status = RemoveTree(path); !status.ok()) return status;
  }
  for (const std::string& name : spare.releases) {
    if (absl::Status status = Remove(absl::StrCat(app, "/", name)); !status.ok()) return status;
  }
  return static_cast<int>(spare.releases.size());
}

absl::Status ReleaseFiles::RemoveBrokenOff(const std::set<std::string>& are_known) const {
  absl::Status first;
  const std::string root = absl::StrCat(state_directory_, "/", kRootName);
  for (const auto& entry : EntriesBelow(root, kDepthOfApp)) {
    if (!IsBrokenOff(entry, are_known)) continue;
    first.Update(RemoveTree(entry.path()));
    RemoveEmptyAbove({entry.path().parent_path(), entry.path().filename()}, kDepthOfApp);
  }
  return first;
}

}  // namespace davit::steps
