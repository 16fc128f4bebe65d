#include "controller/core/machine/advance.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/database/bystanders.h"
#include "controller/core/database/work.h"
#include "controller/core/machine/ending.h"
#include "controller/core/machine/step_control.h"
#include "controller/core/plan/foresight.h"
#include "controller/core/plan/planner.h"
#include "controller/core/plan/survey.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

void FillInDigests(const v1::DeploymentRequest& request, const worker::v1::ResolvedImage& image,
                   v1::Release& release) {
  std::set<std::string> digests(image.digests().begin(), image.digests().end());
  if (!image.digest().empty()) digests.insert(image.digest());
  const auto built = request.built().find(release.app());
  if (built != request.built().end()) {
    digests.insert(built->second.digests().begin(), built->second.digests().end());
  }
  *release.mutable_image_digests() = {digests.begin(), digests.end()};
}

// From here on clients know what is going out.
void FillInImages(TransitionBuilder& builder) {
  const absl::StatusOr<Survey> survey = ReadSurvey(builder.state());
  if (!survey.ok()) return;  // MakePlan has said so
  for (v1::Release& release : *builder.MutableRecord().mutable_view()->mutable_releases()) {
    const worker::v1::ResolvedImage& image = *survey->images.at(release.app());
    release.set_image_digest(image.digest());
    release.set_image_id(image.image_id());
    FillInDigests(builder.record().request(), image, release);
  }
}

// Who only checks is told of hosts that cannot be asked, and of the rest all the same. False:
// there is no rest.
bool KeepWhatWasFound(TransitionBuilder& builder) {
  std::set<std::string> hosts;
  for (const StepRecord& step : builder.state().steps) {
    if (step.outputs().has_observe()) hosts.insert(step.view().host());
  }
  if (hosts.empty()) return false;
  const auto no_host = [&](const std::string& host) { return !hosts.contains(host); };
  auto& seen = *builder.MutableRecord().mutable_view()->mutable_hosts();
  seen.erase(std::remove_if(seen.begin(), seen.end(), no_host), seen.end());
  return true;
}

void Plan(TransitionBuilder& builder) {
  if (builder.record().check_only() && !KeepWhatWasFound(builder)) {
    return End(builder, v1::FAILED);
  }
  absl::StatusOr<std::vector<StepRecord>> steps = MakePlan(builder.state());
  if (!steps.ok()) {
    *builder.MutableRecord().mutable_view()->mutable_failure() = FailureOf(steps.status());
    return End(builder, v1::FAILED);
  }
  FillInImages(builder);
  builder.SetState(v1::RUNNING);
  for (const std::string& note : PlanNotes(builder.state())) builder.JournalNote(note);
  builder.AppendSteps(*std::move(steps));
  if (!StartReadySteps(builder)) CarryOutIntent(builder);  // a check that finds nobody
}

void AdvanceForward(TransitionBuilder& builder) {
  if (builder.record().intent() != state::v1::INTENT_UNSPECIFIED) {
    if (!AnyRunning(builder.state())) CarryOutIntent(builder);
    return;
  }
  if (StartReadySteps(builder)) return;
  if (builder.view().state() == v1::PENDING) return Plan(builder);
  if (builder.record().check_only()) return CarryOutIntent(builder);
  for (const std::string& note : BystandersLeft(builder.state())) builder.JournalNote(note);
  End(builder, v1::SUCCEEDED);
}

// The first one is told; the others show at their steps.
void NoteRollbackFailure(TransitionBuilder& builder, const StepRecord& step,
                         const v1::Failure& cause) {
  if (builder.view().has_rollback_failure()) return;
  v1::Failure failure =
      MakeFailure(v1::ROLLBACK_FAILED, absl::StrCat("could not ", step.view().title(), " on ",
                                                    step.view().host(), ": ", cause.message()));
  *failure.mutable_evidence() = cause.evidence();
  // The first part is what the cause itself says.
  for (int i = 1; i < cause.parts_size(); ++i) failure.add_evidence(cause.parts(i).message());
  *failure.mutable_log_tail() = cause.log_tail();
  failure.set_likely_cause(cause.likely_cause());
  if (step.spec().has_drop_loaded()) {
    failure.set_next_command("it is in nobody's way: the next restore of that database drops it");
  }
  *builder.MutableRecord().mutable_view()->mutable_rollback_failure() = std::move(failure);
}

void AdvanceRollback(TransitionBuilder& builder, int index, const StepOutcome& outcome) {
  if (outcome.gravity != Gravity::kFine) {
    NoteRollbackFailure(builder, builder.step(index), *outcome.failure);
  }
  // What may still be going on there must not be joined by something else.
  if (outcome.gravity == Gravity::kUnknown) {
    SkipPendingSteps(builder, builder.step(index).view().host());
  }
  if (!StartReadySteps(builder)) EndRollback(builder);
}

}  // namespace

void HeadFor(TransitionBuilder& builder, state::v1::Intent intent, const v1::Failure& failure,
             const std::string& step_id) {
  const state::v1::Intent before = builder.record().intent();
  const bool first = before == state::v1::INTENT_UNSPECIFIED;
  if (!first && (intent != state::v1::INTENT_STOP || before == state::v1::INTENT_STOP)) return;

  state::v1::DeploymentRecord& record = builder.MutableRecord();
  record.set_intent(intent);
  if (first || before == state::v1::INTENT_CANCEL) {
    *record.mutable_view()->mutable_failure() = failure;
    record.mutable_view()->set_failed_step_id(step_id);
  } else {
    *record.mutable_view()->mutable_rollback_failure() = failure;  // why it will not be whole
  }
  if (!first) return;
  CancelRunningSteps(builder, intent == state::v1::INTENT_CANCEL);
  SkipPendingSteps(builder);
}

void EndStep(TransitionBuilder& builder, int index, const StepOutcome& outcome) {
  StepRecord& step = builder.MutableStep(index);
  if (outcome.failure.has_value()) *step.mutable_view()->mutable_failure() = *outcome.failure;
  builder.SetStepState(index, outcome.state);
  if (builder.view().state() == v1::ROLLING_BACK) return AdvanceRollback(builder, index, outcome);

  if (builder.record().check_only()) return AdvanceForward(builder);
  if (outcome.gravity == Gravity::kFailure) {
    HeadFor(builder, state::v1::INTENT_UNDO, *outcome.failure, step.view().id());
  } else if (outcome.gravity == Gravity::kUnknown) {
    HeadFor(builder, state::v1::INTENT_STOP, *outcome.failure, step.view().id());
  }
  AdvanceForward(builder);
}

bool PastPointOfNoReturn(const DeploymentState& state) {
  if (RestoringStep(state) != nullptr) return true;
  if (state.record.request().has_restore()) return false;
  for (auto step = state.steps.rbegin(); step != state.steps.rend(); ++step) {
    if (!step->spec().has_prune()) return false;  // prunes are last
    if (step->view().state() != v1::STEP_PENDING) return true;
  }
  return false;
}

}  // namespace davit::core
