#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/database/work.h"
#include "controller/core/machine/advance.h"
#include "controller/core/machine/ending.h"
#include "controller/core/machine/inputs.h"
#include "controller/core/machine/step_control.h"
#include "controller/core/plan/planner.h"
#include "controller/core/proto_time.h"

namespace davit::core {

void Begin(TransitionBuilder& builder, const Submitted& input) {
  if (builder.step_count() > 0) return;
  builder.JournalDeployment();
  for (const std::string& note : input.notes) builder.JournalNote(note);
  builder.AppendSteps(SurveySteps(builder.state()));
  StartReadySteps(builder);
}

void Cancel(TransitionBuilder& builder, const CancelRequested& input) {
  if (builder.view().cancel_requested()) return;
  builder.MutableRecord().mutable_view()->set_cancel_requested(true);
  if (PastPointOfNoReturn(builder.state())) {
    builder.JournalNote(RestoringStep(builder.state()) != nullptr
                            ? "too late to cancel: the backup is in the database's place"
                            : "too late to cancel: the release is confirmed");
    return;
  }
  CancelRunningSteps(builder, /*also_changing=*/true);
  HeadFor(builder, state::v1::INTENT_CANCEL,
          MakeFailure(v1::CANCELLED_BY_USER,
                      absl::StrCat("cancelled by ", input.by.empty() ? "a user" : input.by)),
          "");
  builder.JournalDeployment();
  if (!AnyRunning(builder.state())) CarryOutIntent(builder);
}

void Resume(TransitionBuilder& builder, const Restarted&) {
  builder.JournalNote("controller restarted");
  for (const Effect& effect : PendingEffects(builder.state())) builder.Do(effect);
}

std::vector<Effect> PendingEffects(const DeploymentState& state) {
  std::vector<Effect> effects;
  for (int index = 0; index < static_cast<int>(state.steps.size()); ++index) {
    const state::v1::StepRecord& step = state.steps[index];
    if (step.view().state() != v1::STEP_STARTED) continue;
    effects.push_back(RunStep{index});
    if (step.cancel_sent()) effects.push_back(CancelStep{index});
    effects.push_back(ArmTimer{index, FromProto(step.deadline())});
  }
  return effects;
}

}  // namespace davit::core
