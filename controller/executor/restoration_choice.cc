#include "controller/executor/restoration_choice.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/executor/live_apps.h"
#include "google/protobuf/util/message_differencer.h"

namespace davit::executor {
namespace {

using state::v1::ReleaseRecord;

constexpr int kFirstLook = 50;
constexpr size_t kNumbersNamed = 10;

// Newest first, until `enough` says so or there are no more.
template <typename Enough>
absl::StatusOr<std::vector<ReleaseRecord>> ReadReleases(store::ReadTxn& txn,
                                                        const v1::EnvironmentSpec& spec,
                                                        const std::string& app,
                                                        const Enough& enough) {
  for (int limit = kFirstLook;; limit *= 4) {
    auto releases = txn.ListReleases(spec.project(), spec.environment(), app, limit);
    if (!releases.ok()) return releases;
    if (releases->size() < static_cast<size_t>(limit) || enough(*releases)) return releases;
  }
}

// The release that `number` is again; itself where it was a new one.
absl::StatusOr<int64_t> OriginOf(store::ReadTxn& txn, const ReleaseRecord& release) {
  const auto record = RecordOf(txn, release.view().deployment_id());
  if (!record.ok()) return record.status();
  if (!record->has_value()) return release.view().number();
  const auto& restored = (*record)->restored();
  const auto found = restored.find(release.view().app());
  return found == restored.end() ? release.view().number() : found->second.view().number();
}

const ReleaseRecord* WithNumber(const std::vector<ReleaseRecord>& releases, int64_t number) {
  for (const ReleaseRecord& release : releases) {
    if (release.view().number() == number) return &release;
  }
  return nullptr;
}

// Through rollbacks of rollbacks.
absl::StatusOr<int64_t> FirstOriginOf(store::ReadTxn& txn,
                                      const std::vector<ReleaseRecord>& releases,
                                      const ReleaseRecord& live) {
  const ReleaseRecord* release = &live;
  while (true) {
    const auto origin = OriginOf(txn, *release);
    if (!origin.ok() || *origin >= release->view().number()) return origin;
    release = WithNumber(releases, *origin);
    if (release == nullptr) return origin;
  }
}

bool CanBeLiveAgain(const ReleaseRecord& release) {
  return release.has_live_time() && release.has_container() && !release.view().live();
}

// What runs, without what tells one release from the next.
worker::v1::ContainerSpec WithoutNumber(worker::v1::ContainerSpec container) {
  container.mutable_labels()->erase(core::kReleaseLabel);
  container.mutable_labels()->erase(core::kDeploymentLabel);
  container.clear_files_directory();
  container.clear_image();  // of the image's names one is known of each: see IsSameImage
  return container;
}

bool IsSameImage(const v1::Release& one, const v1::Release& other) {
  if (!one.image_digest().empty() && !other.image_digest().empty()) {
    return one.image_digest() == other.image_digest();
  }
  return !one.image_id().empty() && one.image_id() == other.image_id();
}

// Whether to go from the one to the other changes nothing: the same image, environment,
// versions of secrets, files and settings, as when something is deployed once more.
bool IsSame(const ReleaseRecord& one, const ReleaseRecord& other) {
  return IsSameImage(one.view(), other.view()) &&
         google::protobuf::util::MessageDifferencer::Equals(WithoutNumber(one.container()),
                                                            WithoutNumber(other.container()));
}

std::string Choices(const std::vector<ReleaseRecord>& releases) {
  std::vector<std::string> choices;
  for (const ReleaseRecord& release : releases) {
    if (!CanBeLiveAgain(release)) continue;
    if (choices.size() == kNumbersNamed) {
      choices.emplace_back("…");
      break;
    }
    choices.push_back(absl::StrCat("v", release.view().number()));
  }
  return choices.empty() ? "there is none that could be"
                         : absl::StrCat("those that can be: ", absl::StrJoin(choices, ", "));
}

absl::Status Refuse(v1::FailureCode code, const std::string& message,
                    const std::vector<ReleaseRecord>& releases, const v1::EnvironmentSpec& spec) {
  v1::Failure failure = MakeFailure(code, message, {Choices(releases)});
  failure.clear_likely_cause();
  failure.set_next_command(absl::StrCat("davit history -e ", spec.environment()));
  return FailureStatus(failure);
}

absl::Status CheckChosen(const ReleaseRecord* release, const std::string& version,
                         const std::vector<ReleaseRecord>& releases,
                         const v1::EnvironmentSpec& spec) {
  if (release == nullptr) {
    return Refuse(v1::NOT_FOUND,
                  absl::StrCat("there is no release ", version, " in ", spec.environment()),
                  releases, spec);
  }
  if (release->view().live()) {
    return Refuse(v1::WRONG_STATE, absl::StrCat(version, " is the release that is live now"),
                  releases, spec);
  }
  if (!release->has_live_time()) {
    return Refuse(v1::WRONG_STATE,
                  absl::StrCat(version, " was never live: the deployment that made it failed"),
                  releases, spec);
  }
  if (!release->has_container()) {
    return Refuse(v1::WRONG_STATE,
                  absl::StrCat("too little was recorded of ", version, " to make it live again"),
                  releases, spec);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReleaseRecord> ChooseRelease(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                            const std::string& app, int64_t number) {
  const auto reached = [number](const std::vector<ReleaseRecord>& releases) {
    return releases.back().view().number() <= number;
  };
  const auto releases = ReadReleases(txn, spec, app, reached);
  if (!releases.ok()) return releases.status();
  const ReleaseRecord* release = WithNumber(*releases, number);
  const std::string version = core::AppVersion(app, number);
  absl::Status status = CheckChosen(release, version, *releases, spec);
  if (!status.ok()) return status;
  return *release;
}

absl::StatusOr<WaysBack> FindWaysBack(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                                      const std::string& app) {
  // Where rollbacks lead to is not known before all are read.
  auto releases = ReadReleases(txn, spec, app, [](const auto&) { return false; });
  if (!releases.ok()) return releases.status();
  WaysBack ways;
  const auto live = std::find_if(releases->begin(), releases->end(),
                                 [](const ReleaseRecord& r) { return r.view().live(); });
  if (live == releases->end()) return ways;
  const auto origin = FirstOriginOf(txn, *releases, *live);
  if (!origin.ok()) return origin.status();
  for (ReleaseRecord& release : *releases) {
    if (release.view().number() >= *origin || !CanBeLiveAgain(release)) continue;
    if (ways.same == ways.older.size() && IsSame(release, *live)) ++ways.same;
    ways.older.push_back(std::move(release));
  }
  return ways;
}

}  // namespace davit::executor
