#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_ROLLBACK_COMMAND_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_ROLLBACK_COMMAND_H_

#include <string>
#include <vector>

#include "controller/core/database/schema_left.h"
#include "controller/core/deployment_state.h"
#include "controller/core/plan/plan_builder.h"

// The rollback_command of migrations, in an automatic rollback: the only thing that takes a
// schema back there. It runs in the newer image: only that knows the reverse.
namespace davit::core {

// A migration that its rollback_command has to take back.
struct TakenBack {
  const state::v1::StepRecord* migrated = nullptr;  // points into the state
  std::string database;
  std::vector<std::string> command;  // with what was applied before filled in
};

// Those whose command is declared and wished for, and that have changed something, latest
// first. Left out where it is not known what was applied before and the command needs it, or
// where nobody knows how it is on the host: such a schema stays.
std::vector<TakenBack> MigrationsToTakeBack(const DeploymentState& state);

// Whether a command that is wished for is left out because of what is not known.
bool LacksWhatWasBefore(const DeploymentState& state, const SchemaLeft& left);

// Its step. `step_id`: the one that it will have.
NewStep RollbackCommandStep(const DeploymentState& state, const TakenBack& taken_back,
                            const std::string& step_id);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_ROLLBACK_COMMAND_H_
