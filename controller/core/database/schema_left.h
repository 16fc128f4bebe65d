#ifndef DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_LEFT_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_LEFT_H_

#include <string>
#include <vector>

#include "controller/core/database/older_code.h"
#include "controller/core/deployment_state.h"
#include "davit/v1/database.pb.h"

// What the migrations of a deployment have left in its databases.
namespace davit::core {

// One migration that was begun.
struct SchemaLeft {
  const state::v1::StepRecord* step = nullptr;
  std::string database;
  // As the worker has told it. Where nobody knows: without a meaning, and with a gap.
  v1::Migration migration;
  // What earlier deployments have left since the code of before became live, without what that can
  // run on: this migration may have found all of it done. Oldest first.
  std::vector<const state::v1::DatabaseHistory*> earlier;
  const v1::Backup* backup = nullptr;  // of before it and `earlier`; null: none was made
  bool taken_back = false;             // its rollback_command has succeeded since
  OlderCode older;                     // that has to run on it
};

// All of them, failed ones too, in the plan's order. Points into `state`.
std::vector<SchemaLeft> SchemasLeft(const DeploymentState& state);

// The backup that the deployment has made of a database; null: none.
const v1::Backup* BackupOf(const DeploymentState& state, const std::string& database);

// The worst of what is left, without what was taken back; UNCHANGED: nothing.
v1::SchemaMeaning MeaningLeft(const DeploymentState& state);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_LEFT_H_
