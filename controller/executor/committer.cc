#include "controller/executor/committer.h"

#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "controller/executor/creation.h"
#include "controller/executor/refusal.h"
#include "controller/executor/transition_writer.h"

namespace davit::executor {
namespace {

template <typename T>
void Append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// `next` follows `all`: what is written then is what they would write one after the other.
void AddTo(core::Transition& all, core::Transition next) {
  all.next = std::move(next.next);
  all.record_changed = all.record_changed || next.record_changed;
  all.release_lock = all.release_lock || next.release_lock;
  Append(all.events, std::move(next.events));
  Append(all.releases, std::move(next.releases));
  all.changed_steps.merge(next.changed_steps);
}

}  // namespace

struct Committer::Batch {
  std::set<std::string> touched;  // deployments with changes in it
  std::set<std::string> spoiled;  // deployments of which some work failed
};

std::vector<Committer::Group> Committer::Groups(absl::Span<const Work> work, Writing writing) {
  std::vector<Group> groups;
  std::map<absl::string_view, size_t> open;  // by deployment: the group of its next input
  for (size_t i = 0; i < work.size(); ++i) {
    const auto* input = std::get_if<InputWork>(&work[i]);
    if (input == nullptr || writing == Writing::kOneByOne) {
      if (const auto* cancel = std::get_if<CancelWork>(&work[i])) open.erase(cancel->deployment_id);
      groups.push_back({i});
      continue;
    }
    const auto [group, fresh] = open.try_emplace(input->deployment_id, groups.size());
    if (fresh) groups.emplace_back();
    groups[group->second].push_back(i);
  }
  return groups;
}

std::vector<Outcome> Committer::Commit(absl::Span<const Work> work, Writing writing) {
  Batch batch;
  std::vector<Outcome> outcomes(work.size());
  const std::vector<Group> groups = Groups(work, writing);
  std::vector<store::Store::UpdateFn> fns;
  for (const Group& group : groups) {
    fns.push_back([&](store::Txn& txn) {
      const absl::Status status = Do(txn, work, group, batch, outcomes);
      for (const size_t i : group) outcomes[i].status = status;
      return status;
    });
  }
  const std::vector<absl::Status> committed = store_.UpdateEach(fns);
  bool lost = false;
  for (size_t g = 0; g < groups.size(); ++g) {
    lost = lost || (outcomes[groups[g].front()].status.ok() && !committed[g].ok());
  }
  if (!lost) return outcomes;
  // A refusal too may rest on what was not committed.
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const size_t i : groups[g]) outcomes[i].status = committed[g];
  }
  for (const std::string& id : batch.touched) states_.erase(id);
  return outcomes;
}

absl::Status Committer::Do(store::Txn& txn, absl::Span<const Work> work, const Group& group,
                           Batch& batch, std::vector<Outcome>& outcomes) {
  const size_t first = group.front();
  if (const auto* create = std::get_if<CreateWork>(&work[first])) {
    return Create(txn, *create, batch, outcomes[first]);
  }
  if (const auto* cancel = std::get_if<CancelWork>(&work[first])) {
    return Cancel(txn, *cancel, batch, outcomes[first]);
  }
  return FeedAll(txn, work, group, batch, outcomes);
}

absl::Status Committer::FeedAll(store::Txn& txn, absl::Span<const Work> work, const Group& group,
                                Batch& batch, std::vector<Outcome>& outcomes) {
  const auto input = [&](size_t i) -> const InputWork& { return std::get<InputWork>(work[i]); };
  auto state = Take(txn, input(group.front()).deployment_id, batch);
  if (!state.ok()) return state.status();
  core::Transition all;
  all.next = *std::move(state);
  for (const size_t i : group) {
    AddTo(all, Advance(std::move(all.next), input(i).input, outcomes[i]));
  }
  return Write(txn, std::move(all), batch);
}

absl::Status Committer::Create(store::Txn& txn, const CreateWork& work, Batch& batch,
                               Outcome& outcome) {
  const auto known = txn.FindRequest(work.request.request_id());
  if (!known.ok()) return known.status();
  if (known->has_value()) {
    auto state = txn.GetDeployment(**known);
    if (!state.ok()) return state.status();
    outcome.deployment = state->record.view();
    return absl::OkStatus();
  }
  auto state = MakeLockedDeployment(txn, fleet_, work.request, clock_.Now());
  if (!state.ok()) return state.status();
  *state->record.mutable_other_users() = {work.other_users.begin(), work.other_users.end()};
  if (absl::Status status = txn.PutDeployment(state->record); !status.ok()) return status;
  return Feed(txn, *std::move(state), core::Submitted{work.notes}, batch, outcome);
}

absl::Status Committer::Cancel(store::Txn& txn, const CancelWork& work, Batch& batch,
                               Outcome& outcome) {
  auto state = Take(txn, work.deployment_id, batch);
  if (!state.ok()) return state.status();
  if (core::IsTerminal(state->record.view().state())) return HasEnded(state->record.view());
  return Feed(txn, *std::move(state), core::CancelRequested{work.by}, batch, outcome);
}

absl::Status Committer::Feed(store::Txn& txn, core::DeploymentState state, const core::Input& input,
                             Batch& batch, Outcome& outcome) {
  return Write(txn, Advance(std::move(state), input, outcome), batch);
}

core::Transition Committer::Advance(core::DeploymentState state, const core::Input& input,
                                    Outcome& outcome) const {
  const v1::DeploymentState before = state.record.view().state();
  core::Transition transition = core::Apply(std::move(state), input, clock_.Now());
  const v1::Deployment& after = transition.next.record.view();
  const bool created = std::holds_alternative<core::Submitted>(input);
  outcome.state_changed = created || after.state() != before;
  if (outcome.state_changed || std::holds_alternative<core::CancelRequested>(input)) {
    outcome.deployment = after;
  }
  outcome.deployment_id = after.id();
  outcome.last_sequence = after.last_sequence();
  outcome.has_events = !transition.events.empty();
  outcome.ended = core::IsTerminal(after.state());
  outcome.commands = MakeCommands(transition.next, transition.effects);
  if (!std::holds_alternative<core::Restarted>(input)) return transition;
  for (Command& command : outcome.commands) {
    if (auto* run = std::get_if<RunCommand>(&command)) run->may_run = true;
  }
  return transition;
}

absl::Status Committer::Write(store::Txn& txn, core::Transition transition, Batch& batch) {
  const v1::Deployment& view = transition.next.record.view();
  batch.touched.insert(view.id());
  if (absl::Status status = WriteTransition(txn, transition); !status.ok()) {
    batch.spoiled.insert(view.id());
    return status;
  }
  if (!core::IsTerminal(view.state())) {
    const std::string id = view.id();
    states_[id] = std::move(transition.next);
  }
  return absl::OkStatus();
}

absl::StatusOr<core::DeploymentState> Committer::Take(store::Txn& txn, const std::string& id,
                                                      const Batch& batch) {
  if (batch.spoiled.count(id) > 0) {
    return absl::AbortedError("Earlier work on the deployment failed.");
  }
  if (auto cached = states_.extract(id)) return std::move(cached.mapped());
  auto state = txn.GetDeployment(id);
  return absl::IsNotFound(state.status()) ? NoSuchDeployment(id) : std::move(state);
}

}  // namespace davit::executor
