#include "controller/executor/commands.h"

#include <type_traits>

#include "controller/executor/secret_values.h"

namespace davit::executor {
namespace {

worker::v1::StepKey KeyOf(const core::DeploymentState& state, int index) {
  const v1::Step& step = state.steps.at(index).view();
  worker::v1::StepKey key;
  key.set_cluster_id(state.record.cluster_id());
  key.set_project(state.record.view().project());
  key.set_environment(state.record.view().environment());
  key.set_deployment_id(state.record.view().id());
  key.set_step_id(step.id());
  key.set_attempt(step.attempt());
  return key;
}

worker::v1::RunStepRequest RequestOf(const core::DeploymentState& state, int index) {
  const state::v1::StepRecord& step = state.steps.at(index);
  worker::v1::RunStepRequest request;
  *request.mutable_key() = KeyOf(state, index);
  request.set_fence(state.record.fence());
  const auto journal = state.journals.find(step.view().host());
  if (journal != state.journals.end()) request.set_journal_id(journal->second);
  *request.mutable_timeout() = step.view().timeout();
  *request.mutable_spec() = step.spec();
  if (step.has_log_position()) *request.mutable_after_log() = step.log_position();
  return request;
}

// A failed health check says what the container's last lines were, and so may a container
// that does not start, or has ended when it is to be confirmed. It may be the old release's.
bool ShowsOutput(const worker::v1::StepSpec& spec) {
  return spec.has_check_health() || spec.has_start_container() || spec.has_put_back() ||
         spec.has_set_restart_policy();
}

std::vector<worker::v1::SecretUse> MaskedIn(const core::DeploymentState& state, int index) {
  std::vector<worker::v1::SecretUse> masked;
  if (!ShowsOutput(state.steps.at(index).spec())) return masked;
  masked.assign(state.record.secrets().begin(), state.record.secrets().end());
  for (const auto& [app, release] : state.record.previous()) {
    for (const auto& [key, use] : SecretsOf(release)) masked.push_back(use);
  }
  return masked;
}

Command CommandOf(const core::DeploymentState& state, const core::Effect& effect) {
  const auto host = [&](int index) { return state.steps.at(index).view().host(); };
  return std::visit(
      [&](const auto& e) -> Command {
        using E = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<E, core::RunStep>) {
          return RunCommand{host(e.index), RequestOf(state, e.index), MaskedIn(state, e.index)};
        } else if constexpr (std::is_same_v<E, core::CancelStep>) {
          return CancelCommand{host(e.index), KeyOf(state, e.index)};
        } else if constexpr (std::is_same_v<E, core::AckStep>) {
          return AckCommand{host(e.index), KeyOf(state, e.index)};
        } else {
          const v1::Step& step = state.steps.at(e.index).view();
          return TimerCommand{
              e.when,
              step.id(),
              {state.record.view().id(), core::TimerFired{step.id(), step.attempt()}}};
        }
      },
      effect);
}

}  // namespace

std::vector<Command> MakeCommands(const core::DeploymentState& state,
                                  absl::Span<const core::Effect> effects) {
  std::vector<Command> commands;
  commands.reserve(effects.size());
  for (const core::Effect& effect : effects) commands.push_back(CommandOf(state, effect));
  return commands;
}

}  // namespace davit::executor
