#include "controller/executor/committer.h"

#include <set>
#include <utility>

#include "controller/executor/creation.h"
#include "controller/executor/refusal.h"
#include "controller/executor/transition_writer.h"

namespace davit::executor {

struct Committer::Batch {
  std::set<std::string> touched;  // deployments with changes in it
  std::set<std::string> spoiled;  // deployments of which some work failed
};

std::vector<Outcome> Committer::Commit(absl::Span<const Work> work) {
  Batch batch;
  std::vector<Outcome> outcomes(work.size());
  std::vector<store::Store::UpdateFn> fns;
  for (size_t i = 0; i < work.size(); ++i) {
    fns.push_back([&, i](store::Txn& txn) {
      return outcomes[i].status = Do(txn, work[i], batch, outcomes[i]);
    });
  }
  const std::vector<absl::Status> committed = store_.UpdateEach(fns);
  bool lost = false;
  for (size_t i = 0; i < work.size(); ++i) {
    lost = lost || (outcomes[i].status.ok() && !committed[i].ok());
  }
  if (!lost) return outcomes;
  // A refusal too may rest on what was not committed.
  for (size_t i = 0; i < work.size(); ++i) outcomes[i].status = committed[i];
  for (const std::string& id : batch.touched) states_.erase(id);
  return outcomes;
}

absl::Status Committer::Do(store::Txn& txn, const Work& work, Batch& batch, Outcome& outcome) {
  if (const auto* create = std::get_if<CreateWork>(&work)) {
    return Create(txn, *create, batch, outcome);
  }
  if (const auto* cancel = std::get_if<CancelWork>(&work)) {
    return Cancel(txn, *cancel, batch, outcome);
  }
  const auto& input = std::get<InputWork>(work);
  auto state = Take(txn, input.deployment_id, batch);
  if (!state.ok()) return state.status();
  return Feed(txn, *std::move(state), input.input, batch, outcome);
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
  const std::string id = state.record.view().id();
  batch.touched.insert(id);
  const v1::DeploymentState before = state.record.view().state();
  core::Transition transition = core::Apply(std::move(state), input, clock_.Now());
  if (absl::Status status = WriteTransition(txn, transition); !status.ok()) {
    batch.spoiled.insert(id);
    return status;
  }
  const v1::Deployment& after = transition.next.record.view();
  const bool created = std::holds_alternative<core::Submitted>(input);
  outcome.state_changed = created || after.state() != before;
  if (outcome.state_changed || std::holds_alternative<core::CancelRequested>(input)) {
    outcome.deployment = after;
  }
  outcome.deployment_id = id;
  outcome.last_sequence = after.last_sequence();
  outcome.has_events = !transition.events.empty();
  outcome.ended = core::IsTerminal(after.state());
  outcome.commands = MakeCommands(transition.next, transition.effects);
  if (!outcome.ended) states_[id] = std::move(transition.next);
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
