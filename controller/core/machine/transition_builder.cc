#include "controller/core/machine/transition_builder.h"

#include <cstdlib>
#include <utility>

#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

constexpr int kStepsInEvent = 500;

// Ends and beginnings have the numbers in the order in which they can follow.
template <typename State>
void RequireForward(State from, State to) {
  if (IsTerminal(from) || to <= from) std::abort();
}

}  // namespace

TransitionBuilder::TransitionBuilder(DeploymentState state, absl::Time now) : now_(now) {
  transition_.next = std::move(state);
}

int TransitionBuilder::Settle(absl::FunctionRef<bool(const state::v1::StepRecord&)> succeeded) {
  int& settled = transition_.next.settled;
  while (settled < step_count() && succeeded(step(settled))) ++settled;
  return settled;
}

state::v1::DeploymentRecord& TransitionBuilder::MutableRecord() {
  transition_.record_changed = true;
  return transition_.next.record;
}

state::v1::StepRecord& TransitionBuilder::MutableStep(int index) {
  transition_.changed_steps.insert(index);
  return transition_.next.steps[index];
}

void TransitionBuilder::ConfirmStarted(int index, const std::string& journal_id) {
  state::v1::StepRecord& step = MutableStep(index);
  step.set_confirmed_started(true);
  const auto journal = transition_.next.journals.emplace(step.view().host(), journal_id).first;
  step.set_journal_id(journal->second);
}

void TransitionBuilder::SetState(v1::DeploymentState state) {
  RequireForward(view().state(), state);
  v1::Deployment& view = *MutableRecord().mutable_view();
  view.set_state(state);
  if (IsTerminal(state)) *view.mutable_end_time() = ToProto(now_);
  JournalDeployment();
}

void TransitionBuilder::SetStepState(int index, v1::StepState state) {
  RequireForward(step(index).view().state(), state);
  v1::Step& view = *MutableStep(index).mutable_view();
  view.set_state(state);
  if (IsTerminal(state)) *view.mutable_end_time() = ToProto(now_);
  *NewEvent().mutable_step() = view;
}

void TransitionBuilder::JournalDeployment() {
  v1::Event& event = NewEvent();  // first: the view has the number of its own event
  *event.mutable_deployment() = view();
}

void TransitionBuilder::AppendSteps(std::vector<state::v1::StepRecord> steps) {
  v1::StepsPlanned* planned = nullptr;
  for (state::v1::StepRecord& step : steps) {
    if (planned == nullptr || planned->steps_size() == kStepsInEvent) {
      planned = NewEvent().mutable_planned();
    }
    *planned->add_steps() = step.view();
    transition_.changed_steps.insert(transition_.changed_steps.end(), step_count());
    transition_.next.steps.push_back(std::move(step));
  }
}

void TransitionBuilder::JournalProgress(const v1::StepProgress& progress) {
  *NewEvent().mutable_progress() = progress;
}

void TransitionBuilder::JournalLog(const v1::StepLog& log) { *NewEvent().mutable_log() = log; }

void TransitionBuilder::JournalNote(absl::string_view text) {
  NewEvent().mutable_note()->set_text(std::string(text));
}

void TransitionBuilder::PutRelease(state::v1::ReleaseRecord release) {
  transition_.releases.push_back(std::move(release));
}

Transition TransitionBuilder::Take() && { return std::move(transition_); }

v1::Event& TransitionBuilder::NewEvent() {
  v1::Deployment& view = *transition_.next.record.mutable_view();
  view.set_last_sequence(view.last_sequence() + 1);
  v1::Event& event = transition_.events.emplace_back();
  event.set_deployment_id(view.id());
  event.set_sequence(view.last_sequence());
  *event.mutable_time() = ToProto(now_);
  return event;
}

}  // namespace davit::core
