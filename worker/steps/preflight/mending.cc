#include "worker/steps/preflight/mending.h"

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "worker/steps/preflight/system_path.h"

namespace davit::steps {
namespace {

// As a shell takes it for one word.
std::string ShellWord(const std::string& word) {
  constexpr absl::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,";
  if (word.find_first_not_of(kPlain.data(), 0, kPlain.size()) == word.npos) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// The place that a path of the container lies in; null: the image.
const MountedPlace* PlaceOf(const std::vector<MountedPlace>& places, const std::string& path) {
  const MountedPlace* nearest = nullptr;
  for (const MountedPlace& place : places) {
    const bool holds = path == place.target || absl::StartsWith(path, place.target + "/");
    if (holds && (nearest == nullptr || nearest->target.size() < place.target.size())) {
      nearest = &place;
    }
  }
  return nearest;
}

// What the host's shell calls a path of the container.
std::string HostWord(const MountedPlace& place, const std::string& path) {
  const std::string rest = path.substr(place.target.size());
  if (place.kind != PlaceKind::kVolume) return ShellWord(place.source + rest);
  return absl::StrCat("\"$(docker volume inspect -f '{{.Mountpoint}}' ", ShellWord(place.source),
                      ")\"", rest.empty() ? "" : ShellWord(rest));
}

Mending InImage(const std::string& path, const Denial& denial) {
  return {absl::StrCat("the image lets only UID ", denial.answer.uid, " pass ", path),
          absl::StrCat("add `RUN chmod o+x ", ShellWord(path), "` to the Dockerfile")};
}

Mending OfNewVolume(const MountedPlace& place, const Denial& denial) {
  const std::string target = ShellWord(place.target);
  return {"the image has no such directory, or root's",
          absl::StrCat("add `RUN mkdir -p ", target, " && chown ", denial.report.uid, ":",
                       denial.report.gid, " ", target, "` to the Dockerfile")};
}

Mending OfReleaseFile(const MountedPlace& place) {
  return {"its `owner` is another user than the container's, and its `mode` lets nobody else read",
          absl::StrCat("set `owner: auto` for ", place.target, " in davit.yaml, or leave it out")};
}

// Sockets, devices and pipes are their program's: it expects their owner, and makes
// them anew with it.
bool IsSpecial(const Denial& denial) {
  return denial.answer.kind == "socket" || denial.answer.kind == "other";
}

bool GroupMayUse(const Denial& denial) {
  constexpr mode_t kGroupReads = 040, kGroupWrites = 020;
  const bool both = denial.answer.kind == "socket";
  const mode_t wanted =
      (both || denial.write ? kGroupWrites : 0) | (both || !denial.write ? kGroupReads : 0);
  return denial.answer.gid != denial.report.gid && (denial.answer.mode & wanted) == wanted;
}

Mending OfSpecial(const MountedPlace& place, const Denial& denial) {
  const std::string cause = absl::StrCat("it belongs to UID ", denial.answer.uid, " and GID ",
                                         denial.answer.gid, ", and its mode keeps others out");
  if (GroupMayUse(denial)) {
    return {cause, absl::StrCat("run the app in the group that owns it: `user: \"",
                                denial.report.uid, ":", denial.answer.gid, "\"`")};
  }
  return {cause, absl::StrCat("set `user` to one that may use ", place.target,
                              ", or take it out of `volumes`")};
}

// Another owner or mode would break the host.
Mending OfSystem(const MountedPlace& place, const std::string& path, const Denial& denial) {
  if (denial.write) {
    return {absl::StrCat(path, " is the host's own, and the container's user may not write there"),
            absl::StrCat("say `read_only: true` for ", place.target,
                         ", or mount a directory of the app's own")};
  }
  return {absl::StrCat(path, " is the host's own, and the container's user may not read it"),
          "mount a copy that belongs to the app, or set `user` to one that may read it"};
}

// What lies in it may have other owners for a reason, so that is a choice.
std::string Give(const std::string& word, const Denial& denial) {
  const bool whole = denial.write && denial.answer.kind == "directory";
  return absl::StrCat("`chown ", denial.report.uid, ":", denial.report.gid, " ", word, "`",
                      whole ? ", with -R for what lies in it, too" : "");
}

Mending OnHost(const MountedPlace& place, const std::string& path, const Denial& denial) {
  const bool volume = place.kind == PlaceKind::kVolume;
  const std::string on_host = place.source + path.substr(place.target.size());
  if (IsSpecial(denial)) return OfSpecial(place, denial);
  if (!volume && IsSystemPath(on_host)) return OfSystem(place, on_host, denial);
  const std::string word = HostWord(place, path);
  const bool above = denial.answer.kind == "hidden";
  const bool directory = above || denial.answer.kind == "directory";
  if (above) return {"a directory above may not be passed", absl::StrCat("`chmod o+x ", word, "`")};
  if (denial.answer.uid == denial.report.uid) {
    return {"it belongs to the container's user, but its mode forbids it",
            absl::StrCat("`chmod u+", directory ? "rwx " : "r ", word, "`")};
  }
  return {absl::StrCat("it belongs to UID ", denial.answer.uid, ", and its mode lets nobody else ",
                       denial.write ? "write" : "read"),
          Give(word, denial)};
}

}  // namespace

Mending FindMending(const std::vector<MountedPlace>& places, const MountedPlace& place,
                    const Denial& denial) {
  if (denial.error == EROFS) {
    return {"its file system is mounted read-only",
            absl::StrCat("mount it for writing, or say `read_only: true` for ", place.target)};
  }
  if (denial.error == ENOSPC || denial.error == EDQUOT) {
    return {"its file system is full", absl::StrCat("make space in ", place.source)};
  }
  const MountedPlace* denying = PlaceOf(places, denial.answer.denied);
  if (denying == nullptr) return InImage(denial.answer.denied, denial);
  switch (denying->kind) {
    case PlaceKind::kNewVolume:
      return OfNewVolume(*denying, denial);
    case PlaceKind::kReleaseFile:
      return OfReleaseFile(*denying);
    case PlaceKind::kVolume:
    case PlaceKind::kHostPath:
      break;
  }
  return OnHost(*denying, denial.answer.denied, denial);
}

}  // namespace davit::steps
