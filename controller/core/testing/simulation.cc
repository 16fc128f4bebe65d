#include "controller/core/testing/simulation.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

using WorkerResult = worker::v1::StepFinished;

constexpr int kMostInputs = 20000;

}  // namespace

Simulation::Simulation(const TestDeployment& deployment, const Weather& weather, Hosts& hosts,
                       std::mt19937_64& random, bool thorough)
    : thorough_(thorough),
      weather_(weather),
      hosts_(hosts),
      random_(random),
      state_(MakeState(deployment, now_)) {}

std::vector<std::string> Simulation::Run() {
  Feed(Submitted{});
  for (int i = 0; i < kMostInputs && faults_.empty(); ++i) {
    if (IsTerminal(state_.record.view().state())) break;
    now_ += absl::Milliseconds(random_() % 2000);
    Disturb();
    const std::vector<int> running = Running();
    if (running.empty()) {
      if (!IsTerminal(state_.record.view().state())) faults_.push_back("stuck");
      break;
    }
    Progress(running[random_() % running.size()]);
  }
  if (faults_.empty() && !IsTerminal(state_.record.view().state())) {
    faults_.push_back("does not end");
  }
  // Whatever comes after the end changes nothing; FindFaults sees to that.
  for (const Input& input : std::vector<Input>(past_)) Feed(input);
  Feed(CancelRequested{"late@desk"});
  Feed(Restarted{});
  return faults_;
}

void Simulation::Feed(const Input& input) {
  Transition transition =
      thorough_ ? Apply(state_, input, now_) : Apply(std::move(state_), input, now_);
  if (thorough_) Complain(FindFaults(state_, transition));
  ledger_.Add(transition);
  state_ = std::move(transition.next);
  Complain(FindFaults(state_));
  if (std::string difference = ledger_.Compare(state_); !difference.empty()) {
    faults_.push_back(std::move(difference));
  }
  for (const Effect& effect : transition.effects) Carry(effect);
}

void Simulation::Complain(std::vector<std::string> faults) {
  for (std::string& fault : faults) faults_.push_back(std::move(fault));
}

void Simulation::Carry(const Effect& effect) {
  if (const auto* run = std::get_if<RunStep>(&effect)) flights_[run->index];
  if (const auto* cancel = std::get_if<CancelStep>(&effect)) {
    flights_[cancel->index].cancelled = true;
  }
}

void Simulation::Disturb() {
  if (!past_.empty() && Chance(weather_.repeat)) Feed(Input(past_[random_() % past_.size()]));
  if (Chance(weather_.cancel)) Feed(CancelRequested{"ada@desk"});
  if (Chance(weather_.restart)) Feed(Restarted{});
}

std::vector<int> Simulation::Running() const {
  std::vector<int> running;
  for (int i = 0; i < static_cast<int>(state_.steps.size()); ++i) {
    if (state_.steps[i].view().state() == v1::STEP_STARTED) running.push_back(i);
  }
  return running;
}

WorkerResult Simulation::Interrupt(int index, WorkerResult::Outcome outcome) {
  const state::v1::StepRecord& step = state_.steps[index];
  const int actions = static_cast<int>(random_() % 4);
  WorkerResult result = hosts_.at(step.view().host()).Run(step.view().id(), step.spec(), actions);
  result.set_outcome(outcome);
  // Of a migration that was begun, the worker tells whatever its end.
  if (outcome == WorkerResult::UNKNOWN || !result.outputs().has_migration()) {
    result.clear_outputs();
  }
  if (!result.has_failure()) *result.mutable_failure() = MakeFailure(v1::DOCKER_ERROR, "disturbed");
  return result;
}

void Simulation::LookAroundBefore(const state::v1::StepRecord& step) {
  const bool takes_back =
      step.view().phase() == v1::ROLLBACK && step.spec().has_run_one_off() && blameless_;
  if (!takes_back) return;
  for (const auto& [name, host] : hosts_) {
    for (const auto& [called, container] : host.containers) {
      const auto label = container.labels.find(kDeploymentLabel);
      if (label == container.labels.end() || label->second != state_.record.view().id()) continue;
      faults_.push_back(absl::StrCat(called, " is still on ", name, " when its schema goes"));
    }
  }
}

WorkerResult Simulation::Execute(int index) {
  const state::v1::StepRecord& step = state_.steps[index];
  LookAroundBefore(step);
  const bool rollback = step.view().phase() == v1::ROLLBACK;
  if (flights_[index].cancelled && Chance(700)) return Interrupt(index, WorkerResult::CANCELLED);
  if (Chance(weather_.unknown)) {
    blameless_ = false;
    return Interrupt(index, WorkerResult::UNKNOWN);
  }
  if (Chance(rollback ? weather_.fail_rollback : weather_.fail)) {
    if (rollback) blameless_ = false;
    return Interrupt(index, WorkerResult::FAILED);
  }
  return hosts_.at(step.view().host()).Run(step.view().id(), step.spec());
}

void Simulation::Progress(int index) {
  const v1::Step view = state_.steps[index].view();
  if (Chance(150)) return Feed(StepStarted{view.id(), view.attempt(), "journal"});
  if (Chance(100)) {
    StepLogged logged{view.attempt(), {}};
    logged.log.set_step_id(view.id());
    logged.log.mutable_position()->set_container_id("c");
    logged.log.mutable_position()->set_time_unix_nanos(static_cast<int64_t>(random_() % 5));
    return Feed(logged);
  }
  if (Chance(weather_.timer)) {
    if (view.phase() == v1::ROLLBACK) blameless_ = false;
    now_ = std::max(now_, FromProto(state_.steps[index].deadline()));
    // The second one gives the step up, whatever it has done.
    if (state_.steps[index].cancel_sent()) {
      blameless_ = false;
      if (!flights_[index].result.has_value()) Interrupt(index, WorkerResult::UNKNOWN);
    }
    return Feed(TimerFired{view.id(), view.attempt()});
  }
  if (!flights_[index].result.has_value() && Chance(weather_.lost)) {
    blameless_ = false;
    Interrupt(index, WorkerResult::UNKNOWN);
    return Feed(WorkerLost{view.id(), view.attempt(), MakeFailure(v1::HOST_UNREACHABLE, "lost")});
  }
  std::optional<WorkerResult>& result = flights_[index].result;
  if (!result.has_value()) result = Execute(index);
  if (Chance(100)) return;  // the answer is late
  past_.push_back(StepFinished{view.id(), view.attempt(), *result});
  Feed(Input(past_.back()));
}

}  // namespace davit::core
