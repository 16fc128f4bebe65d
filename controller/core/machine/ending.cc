#include "controller/core/machine/ending.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/schema_left.h"
#include "controller/core/database/schema_outcome.h"
#include "controller/core/database/work.h"
#include "controller/core/machine/release_records.h"
#include "controller/core/machine/step_control.h"
#include "controller/core/names.h"
#include "controller/core/plan/planner.h"
#include "controller/core/restoration/restoration_plan.h"
#include "controller/core/restoration/restore_end.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

// Apps that would be put back although their spec says not to.
std::set<std::string> AppsToBeLeft(const DeploymentState& state,
                                   const std::vector<StepRecord>& rollback) {
  std::set<std::string> apps;
  // What a restore has stopped is no release that failed.
  if (IsDatabaseWork(state.record.request())) return apps;
  for (const StepRecord& step : rollback) {
    if (step.spec().has_remove_files()) continue;  // they were only prepared
    const auto app = state.record.request().spec().apps().find(step.view().app());
    if (app == state.record.request().spec().apps().end()) continue;
    const v1::Rollback& wish = app->second.rollback();
    if (wish.has_automatic() && !wish.automatic()) apps.insert(app->first);
  }
  return apps;
}

// The command that puts the releases of before back; empty when there were none.
std::string CommandForTheOldReleases(const state::v1::DeploymentRecord& record) {
  std::string apps, images;
  for (const v1::Release& release : record.view().releases()) {
    const auto previous = record.previous().find(release.app());
    if (previous == record.previous().end()) continue;
    const v1::Release& old = previous->second.view();
    absl::StrAppend(&apps, " ", release.app());
    absl::StrAppend(&images, " --image ", release.app(), "=",
                    old.image_digest().empty() ? old.image_reference() : old.image_digest());
  }
  if (apps.empty()) return "";
  return absl::StrCat("davit deploy", apps, " -e ", record.view().environment(), images);
}

// What was done to a database and is not undone by any rollback.
std::optional<v1::Failure> WhatStays(const DeploymentState& state) {
  if (auto stays = RestoreStays(state)) return stays;
  if (auto taken_back = SchemaTakenBack(state)) return taken_back;
  return SchemaNotSafe(state);
}

// Nobody puts anything back: who reads of the failure must do something.
void LeaveAsItIs(TransitionBuilder& builder, const std::set<std::string>& apps) {
  const std::string note = absl::StrCat("rollback.automatic is off for ", absl::StrJoin(apps, ", "),
                                        ": everything is left as it is now");
  builder.JournalNote(note);
  const std::string back = CommandForTheOldReleases(builder.record());
  v1::Failure& failure = *builder.MutableRecord().mutable_view()->mutable_failure();
  // It is another failure than the step's, which has the log already.
  failure.set_message(absl::StrCat(failure.message(), "; nothing was put back"));
  failure.clear_log_tail();
  failure.clear_parts();
  failure.add_evidence(note);
  if (const auto stays = WhatStays(builder.state())) {
    failure.mutable_evidence()->MergeFrom(stays->evidence());
  }
  failure.set_next_command(absl::StrCat(
      "see what runs with `davit status -e ", builder.view().environment(),
      "`; mend the cause and deploy again",
      back.empty() ? "" : absl::StrCat(", or put the release of before back with `", back, "`")));
  End(builder, v1::NEEDS_ATTENTION);
}

// Whether what serves was never touched. What was prepared beside it is removed by then, and a
// restore that has failed has left the database as it was.
bool OnlyPrepared(const DeploymentState& state) {
  return std::none_of(state.steps.begin(), state.steps.end(), [](const StepRecord& step) {
    const v1::Phase phase = step.view().phase();
    return step.view().attempt() > 0 && !step.spec().has_restore_database() &&
           (phase == v1::RELEASE || phase == v1::CONFIRM);
  });
}

// Whether the app's container of before was put back there as one that runs: all those are
// checked.
bool RunsAgain(const DeploymentState& state, const std::string& app, const std::string& host) {
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const StepRecord& step) {
    return step.view().phase() == v1::ROLLBACK && step.view().app() == app &&
           step.view().host() == host && step.spec().has_check_health();
  });
}

// Who reads "rolled back" takes what was live before for what runs now.
void NoteWhatDidNotRun(TransitionBuilder& builder) {
  const DeploymentState& state = builder.state();
  std::map<std::string, std::vector<std::string>> hosts;  // by version
  for (const StepRecord& step : state.steps) {
    const v1::Step& view = step.view();
    const auto previous = state.record.previous().find(view.app());
    if (previous == state.record.previous().end()) continue;
    if (!step.spec().has_start_container() || view.attempt() == 0) continue;
    if (RunsAgain(state, view.app(), view.host())) continue;
    hosts[AppVersion(view.app(), previous->second.view().number())].push_back(view.host());
  }
  for (const auto& [version, where] : hosts) {
    builder.JournalNote(absl::StrCat(version, " was not running on ", absl::StrJoin(where, ", "),
                                     " before, and is not now"));
  }
}

// Says what is left alone, and what is undone all the same.
std::string WhatIsInDoubt(const DeploymentState& state) {
  const std::set<std::string> hosts = HostsInDoubt(state);
  if (hosts.empty()) {
    return "nobody knows how far that came: what was stopped is put back all the same";
  }
  return absl::StrCat("nobody knows how it is on ", absl::StrJoin(hosts, ", "),
                      ": that is left as it is, and what was done elsewhere is undone");
}

// The containers are back, and what they find is not what they have left.
void EndWith(TransitionBuilder& builder, const v1::Failure& stays) {
  v1::Deployment& view = *builder.MutableRecord().mutable_view();
  if (view.has_rollback_failure()) {
    view.mutable_rollback_failure()->add_evidence(stays.message());
    view.mutable_rollback_failure()->mutable_evidence()->MergeFrom(stays.evidence());
    view.mutable_rollback_failure()->set_next_command(
        absl::StrCat(view.rollback_failure().next_command(), "; then: ", stays.next_command()));
  } else {
    *view.mutable_rollback_failure() = stays;
  }
  End(builder, v1::NEEDS_ATTENTION);
}

// All that can be undone is. A schema that stays is a change, though nothing else is.
void EndUndone(TransitionBuilder& builder, bool only_prepared) {
  NoteWhatDidNotRun(builder);
  for (const std::string& note : SchemaKeptNotes(builder.state())) builder.JournalNote(note);
  const bool cancelled = builder.record().intent() == state::v1::INTENT_CANCEL;
  const bool unchanged = MeaningLeft(builder.state()) == v1::SCHEMA_UNCHANGED;
  End(builder, cancelled                    ? v1::CANCELLED
               : only_prepared && unchanged ? v1::FAILED
                                            : v1::ROLLED_BACK);
}

}  // namespace

void End(TransitionBuilder& builder, v1::DeploymentState state) {
  RecordReleases(builder, state == v1::SUCCEEDED);
  builder.SetState(state);
  builder.ReleaseLock();
}

void CarryOutIntent(TransitionBuilder& builder) {
  const bool cancelled = builder.record().intent() == state::v1::INTENT_CANCEL;
  std::vector<StepRecord> rollback = RollbackSteps(builder.state());
  const bool stopped = builder.record().intent() == state::v1::INTENT_STOP;
  if (rollback.empty()) {
    if (const auto stays = WhatStays(builder.state())) return EndWith(builder, *stays);
    return stopped ? End(builder, v1::NEEDS_ATTENTION) : EndUndone(builder, /*only_prepared=*/true);
  }
  // Who cancels asks for the old release; who only sees a failure does not.
  const std::set<std::string> left =
      cancelled ? std::set<std::string>() : AppsToBeLeft(builder.state(), rollback);
  if (!left.empty()) return LeaveAsItIs(builder, left);
  if (stopped) {
    builder.JournalNote(WhatIsInDoubt(builder.state()));
  }
  builder.SetState(v1::ROLLING_BACK);
  builder.AppendSteps(std::move(rollback));
  StartReadySteps(builder);
}

void EndRollback(TransitionBuilder& builder) {
  if (const auto stays = WhatStays(builder.state())) return EndWith(builder, *stays);
  const bool stopped = builder.record().intent() == state::v1::INTENT_STOP;
  if (stopped || builder.view().has_rollback_failure()) {
    v1::Deployment& view = *builder.MutableRecord().mutable_view();
    AddAppsNow(builder.state(), view.has_rollback_failure() ? *view.mutable_rollback_failure()
                                                            : *view.mutable_failure());
    return End(builder, v1::NEEDS_ATTENTION);
  }
  EndUndone(builder, OnlyPrepared(builder.state()));
}

}  // namespace davit::core
