#include "controller/core/testing/transition_check.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"

namespace davit::core {
namespace {

using Faults = std::vector<std::string>;

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

template <typename State>
bool Forward(State before, State after) {
  return before == after || (!IsTerminal(before) && after > before);
}

void CheckJournal(const DeploymentState& before, const Transition& transition, Faults& faults) {
  int64_t expected = before.record.view().last_sequence();
  for (const v1::Event& event : transition.events) {
    if (event.sequence() != ++expected) faults.push_back("gap in the journal");
    if (event.deployment_id() != before.record.view().id()) faults.push_back("event of another");
    if (event.payload_case() == v1::Event::PAYLOAD_NOT_SET) faults.push_back("empty event");
    if (event.deployment().steps_size() > 0) faults.push_back("deployment event with steps");
  }
  if (transition.next.record.view().last_sequence() != expected) {
    faults.push_back("last_sequence is wrong");
  }
}

void CheckRecord(const DeploymentState& before, const Transition& transition, Faults& faults) {
  const v1::DeploymentState from = before.record.view().state();
  const v1::DeploymentState to = transition.next.record.view().state();
  state::v1::DeploymentRecord but_for_events = before.record;
  but_for_events.mutable_view()->set_last_sequence(transition.next.record.view().last_sequence());
  const bool same = Same(but_for_events, transition.next.record);
  if (!same && !transition.record_changed) faults.push_back("record changed in silence");
  if (!Forward(from, to)) faults.push_back("deployment moved backwards");
  const bool ends = !IsTerminal(from) && IsTerminal(to);
  if (ends != transition.release_lock) faults.push_back("lock is released at the wrong time");
  const bool puts = ends && !transition.next.record.view().releases().empty();
  if (puts == transition.releases.empty()) faults.push_back("releases are put at the wrong time");
  if (IsTerminal(from) && (!same || !transition.events.empty())) {
    faults.push_back("changed after its end");
  }
  const bool told =
      std::any_of(transition.events.begin(), transition.events.end(),
                  [&](const v1::Event& event) { return event.deployment().state() == to; });
  if (from != to && !told) faults.push_back("state changed without an event");
}

void CheckSteps(const DeploymentState& before, const Transition& transition, Faults& faults) {
  const std::set<int>& changed = transition.changed_steps;
  std::map<std::string, v1::StepState> told;
  for (const v1::Event& event : transition.events) {
    if (event.has_step()) told[event.step().id()] = event.step().state();
  }
  const auto& steps = transition.next.steps;
  for (int i = 0; i < static_cast<int>(steps.size()); ++i) {
    const bool fresh = i >= static_cast<int>(before.steps.size());
    if (!changed.contains(i) && (fresh || !Same(before.steps[i], steps[i]))) {
      faults.push_back(absl::StrCat("step ", i + 1, " changed in silence"));
    }
    const v1::StepState from = fresh ? v1::STEP_PENDING : before.steps[i].view().state();
    const v1::StepState to = steps[i].view().state();
    if (!Forward(from, to)) faults.push_back(absl::StrCat("step ", i + 1, " moved backwards"));
    if (from != to && told[steps[i].view().id()] != to) {
      faults.push_back(absl::StrCat("step ", i + 1, " changed without an event"));
    }
  }
}

}  // namespace

std::vector<std::string> FindFaults(const DeploymentState& before, const Transition& transition) {
  Faults faults;
  CheckJournal(before, transition, faults);
  CheckRecord(before, transition, faults);
  CheckSteps(before, transition, faults);
  return faults;
}

std::vector<std::string> FindFaults(const DeploymentState& state) {
  Faults faults;
  std::set<std::pair<std::string, std::string>> busy;
  for (const state::v1::StepRecord& step : state.steps) {
    const v1::Step& view = step.view();
    if (view.state() == v1::STEP_STARTED && !busy.emplace(view.host(), view.app()).second) {
      faults.push_back(absl::StrCat("two steps of ", view.app(), " at once on ", view.host()));
    }
    if (IsTerminal(state.record.view().state()) && !IsTerminal(view.state())) {
      faults.push_back(absl::StrCat(view.id(), " outlives its deployment"));
    }
  }
  return faults;
}

void EffectLedger::Note(const Effect& effect, std::map<int, Entry>& entries) {
  if (const auto* run = std::get_if<RunStep>(&effect)) entries[run->index].run = true;
  if (const auto* cancel = std::get_if<CancelStep>(&effect)) entries[cancel->index].cancel = true;
  if (const auto* timer = std::get_if<ArmTimer>(&effect)) entries[timer->index].timer = timer->when;
}

void EffectLedger::Add(const Transition& transition) {
  for (const Effect& effect : transition.effects) Note(effect, entries_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const v1::StepState state = transition.next.steps[entry->first].view().state();
    entry = state == v1::STEP_STARTED ? std::next(entry) : entries_.erase(entry);
  }
}

std::string EffectLedger::Describe(const std::map<int, Entry>& entries) {
  std::string text;
  for (const auto& [index, entry] : entries) {
    absl::StrAppend(&text, index + 1, entry.run ? " run" : "", entry.cancel ? " cancel" : "", " ",
                    absl::FormatTime(entry.timer, absl::UTCTimeZone()), "\n");
  }
  return text;
}

std::string EffectLedger::Compare(const DeploymentState& state) const {
  std::map<int, Entry> derived;
  for (const Effect& effect : PendingEffects(state)) Note(effect, derived);
  if (derived == entries_) return "";
  return absl::StrCat("live:\n", Describe(entries_), "derived:\n", Describe(derived));
}

}  // namespace davit::core
