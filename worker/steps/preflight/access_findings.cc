#include "worker/steps/preflight/access_findings.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/preflight/mending.h"

namespace davit::steps {
namespace {

using probe::Answer;
using probe::Report;

std::string OwnerAndMode(const Answer& answer) {
  return absl::StrFormat("owner %d:%d, mode %04o", answer.uid, answer.gid, answer.mode);
}

std::string WhereItLies(const MountedPlace& place) {
  switch (place.kind) {
    case PlaceKind::kVolume:
      return absl::StrCat("volume: ", place.source);
    case PlaceKind::kNewVolume:
      return absl::StrCat("volume: ", place.source, ", which is new: Docker makes it as ",
                          place.target, " is in the image, or gives it to root");
    case PlaceKind::kHostPath:
    case PlaceKind::kReleaseFile:
      break;
  }
  return absl::StrCat("on the host: ", place.source);
}

// What is in the way: a directory above, or the thing itself.
std::string WhatDenies(const MountedPlace& place, const Answer& answer) {
  if (answer.denied != place.target) {
    return absl::StrCat("denied by: ", answer.denied, ", ", OwnerAndMode(answer));
  }
  if (answer.kind == "missing") return "there: nothing";
  return absl::StrCat("there: ", answer.kind, ", ", OwnerAndMode(answer));
}

std::string Message(const std::string& app, const MountedPlace& place, const Denial& denial) {
  const std::string kind = denial.answer.kind == "directory" ? "the directory " : "";
  return absl::StrCat(app, " cannot ", denial.write ? "write to " : "read ", kind, place.target,
                      " as UID ", denial.report.uid, ": ", std::strerror(denial.error));
}

v1::Failure Finding(const AccessProbe& probe, const MountedPlace& place, const Denial& denial,
                    const std::string& user) {
  v1::Failure failure =
      MakeFailure(denial.write ? v1::VOLUME_UNWRITABLE : v1::FILE_UNREADABLE,
                  Message(probe.container.service_name(), place, denial),
                  {absl::StrCat("in the container: ", place.target), WhereItLies(place),
                   absl::StrCat("it runs as: ", DescribeUser(denial.report, user)),
                   WhatDenies(place, denial.answer)});
  const Mending mending = FindMending(probe.places, place, denial);
  failure.set_likely_cause(mending.cause);
  failure.set_next_command(mending.command);
  return failure;
}

// By the rules of the kernel: it cannot be tried.
bool WouldBeWritable(const NewDirectory& directory, const Report& report) {
  constexpr mode_t kWriteAndPass = 03;
  if (report.uid == 0) return true;
  mode_t bits = directory.mode;
  const auto& groups = report.groups;
  if (directory.owner.uid == report.uid) {
    bits >>= 6;
  } else if (directory.owner.gid == report.gid ||
             std::find(groups.begin(), groups.end(), directory.owner.gid) != groups.end()) {
    bits >>= 3;
  }
  return (bits & kWriteAndPass) == kWriteAndPass;
}

v1::Failure Finding(const std::string& app, const NewDirectory& directory, const Report& report,
                    const std::string& user) {
  v1::Failure failure = MakeFailure(
      v1::VOLUME_UNWRITABLE,
      absl::StrCat(app, " could not write to ", directory.target, " as UID ", report.uid),
      {absl::StrCat("in the container: ", directory.target),
       absl::StrCat("on the host: ", directory.source, ", which is new"),
       absl::StrCat("it runs as: ", DescribeUser(report, user)),
       absl::StrFormat("declared: owner %d:%d, mode %04o", directory.owner.uid, directory.owner.gid,
                       directory.mode)});
  failure.set_likely_cause("its `owner` is another user than the container's");
  failure.set_next_command(absl::StrCat("leave `owner` and `mode` of ", directory.target,
                                        " out, or say `owner: \"", report.uid, ":", report.gid,
                                        "\"`"));
  return failure;
}

}  // namespace

void AddAccessFindings(const AccessProbe& probe, const Report& report, const std::string& user,
                       Findings& findings) {
  for (size_t i = 0; i < probe.places.size(); ++i) {
    const MountedPlace& place = probe.places[i];
    const Answer& answer = report.answers[i];
    if (place.write && !answer.writable()) {
      findings.Add(Finding(probe, place, {report, answer, true, answer.write_error}, user));
    } else if (!place.write && !answer.readable()) {
      findings.Add(Finding(probe, place, {report, answer, false, answer.read_error}, user));
    }
  }
  for (const NewDirectory& directory : probe.new_directories) {
    if (WouldBeWritable(directory, report)) continue;
    findings.Add(Finding(probe.container.service_name(), directory, report, user));
  }
}

std::string DescribeUser(const Report& report, const std::string& user) {
  std::string text = absl::StrCat("UID ", report.uid);
  const std::string name = user.substr(0, user.find(':'));
  if (!name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) {
    absl::StrAppend(&text, " (", name, ")");
  }
  absl::StrAppend(&text, ", GID ", report.gid);
  std::vector<gid_t> others = report.groups;
  others.erase(std::remove(others.begin(), others.end(), report.gid), others.end());
  if (!others.empty()) absl::StrAppend(&text, ", groups ", absl::StrJoin(others, " "));
  return text;
}

}  // namespace davit::steps
