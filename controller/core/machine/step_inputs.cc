#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/machine/advance.h"
#include "controller/core/machine/inputs.h"
#include "controller/core/machine/step_control.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

// The step that an input is about, if this try of it is running.
std::optional<int> FindRunning(const TransitionBuilder& builder, absl::string_view step_id,
                               int attempt) {
  const std::optional<int> index = FindStep(builder.state(), step_id);
  if (!index.has_value()) return std::nullopt;
  const v1::Step& view = builder.step(*index).view();
  if (view.state() != v1::STEP_STARTED || view.attempt() != attempt) return std::nullopt;
  return index;
}

// Lines come again after a reconnection.
bool IsNew(const v1::StepLog& log, const v1::LogPosition& last) {
  if (!log.has_position() || log.position().container_id() != last.container_id()) return true;
  if (log.position().time_unix_nanos() != last.time_unix_nanos()) {
    return log.position().time_unix_nanos() > last.time_unix_nanos();
  }
  return log.position().ordinal() > last.ordinal();
}

// What clients see of them. Of which database and deployment they are, the worker need not
// know.
void ShowOutputs(const v1::Deployment& deployment, state::v1::StepRecord& step) {
  const worker::v1::StepOutputs& outputs = step.outputs();
  v1::Step& view = *step.mutable_view();
  view.set_summary(outputs.summary());
  if (outputs.has_backup()) {
    v1::Backup& backup = *view.mutable_backup();
    backup = outputs.backup();
    backup.set_database(step.spec().backup_database().database().name());
    backup.set_host(view.host());
    backup.set_deployment_id(deployment.id());
  }
  if (outputs.has_migration()) {
    *view.mutable_migration() = outputs.migration();
    view.mutable_migration()->set_database(step.spec().migrate_database().database().name());
  }
}

}  // namespace

void NoteStarted(TransitionBuilder& builder, const StepStarted& input) {
  const std::optional<int> index = FindRunning(builder, input.step_id, input.attempt);
  if (!index.has_value()) return;
  if (builder.step(*index).confirmed_started()) return;
  builder.ConfirmStarted(*index, input.journal_id);
}

void PassProgress(TransitionBuilder& builder, const StepProgressed& input) {
  if (FindRunning(builder, input.progress.step_id(), input.attempt).has_value()) {
    builder.JournalProgress(input.progress);
  }
}

void PassLog(TransitionBuilder& builder, const StepLogged& input) {
  const std::optional<int> index = FindRunning(builder, input.log.step_id(), input.attempt);
  if (!index.has_value() || !IsNew(input.log, builder.step(*index).log_position())) return;
  if (input.log.has_position()) {
    *builder.MutableStep(*index).mutable_log_position() = input.log.position();
  }
  builder.JournalLog(input.log);
}

void FinishStep(TransitionBuilder& builder, const StepFinished& input) {
  const std::optional<int> index = FindRunning(builder, input.step_id, input.attempt);
  if (!index.has_value()) return AckAgain(builder, input);
  const StepOutcome outcome = OutcomeOf(builder.record(), builder.step(*index), input.result);
  state::v1::StepRecord& step = builder.MutableStep(*index);
  if (input.result.has_outputs()) {
    *step.mutable_outputs() = input.result.outputs();
    ShowOutputs(builder.view(), step);
  }
  builder.Do(AckStep{*index});
  EndStep(builder, *index, outcome);
}

void GiveUpStep(TransitionBuilder& builder, const WorkerLost& input) {
  const std::optional<int> index = FindRunning(builder, input.step_id, input.attempt);
  if (!index.has_value()) return;
  EndStep(builder, *index, OutcomeOfLost(builder.step(*index), input.failure));
}

void TimeOutStep(TransitionBuilder& builder, const TimerFired& input) {
  const std::optional<int> index = FindRunning(builder, input.step_id, input.attempt);
  if (!index.has_value()) return;
  const state::v1::StepRecord& step = builder.step(*index);
  const absl::Time deadline = FromProto(step.deadline());
  // The timer of before a cancellation, which has moved the deadline.
  if (builder.now() < deadline) return builder.Do(ArmTimer{*index, deadline});
  if (!step.cancel_sent()) return CancelRunningStep(builder, *index);
  const v1::Failure failure =
      MakeFailure(v1::STEP_TIMEOUT, absl::StrCat(step.view().title(), " on ", step.view().host(),
                                                 " neither ended nor could be stopped in time"));
  EndStep(builder, *index, OutcomeOfLost(step, failure));
}

void AckAgain(TransitionBuilder& builder, const StepFinished& input) {
  const std::optional<int> index = FindStep(builder.state(), input.step_id);
  if (!index.has_value()) return;
  const v1::Step& view = builder.step(*index).view();
  const bool ended = view.attempt() > 0 && IsTerminal(view.state());
  if (ended && view.attempt() == input.attempt) builder.Do(AckStep{*index});
}

}  // namespace davit::core
