#ifndef DAVIT_CONTROLLER_CORE_TESTING_MIGRATION_MAKER_H_
#define DAVIT_CONTROLLER_CORE_TESTING_MIGRATION_MAKER_H_

// For tests of what migrations leave: deployments whose migrations have ended.

#include <string>
#include <vector>

#include "controller/core/restoration/rollback_command.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {

// One of `database` by web on h1 that ended so, and told nothing.
inline state::v1::StepRecord MigrationOf(const std::string& database, v1::StepState how) {
  state::v1::StepRecord step;
  step.mutable_view()->set_host("h1");
  step.mutable_view()->set_app("web");
  step.mutable_view()->set_attempt(1);
  step.mutable_view()->set_state(how);
  worker::v1::MigrateDatabase& migrate = *step.mutable_spec()->mutable_migrate_database();
  migrate.mutable_database()->set_name(database);
  for (const char* label : {"davit.project", "davit.environment", "davit.deployment"}) {
    (*migrate.mutable_run()->mutable_container()->mutable_labels())[label] = "x";
  }
  return step;
}

// The same, that has told what it has left.
inline state::v1::StepRecord MigrationThatMeant(const std::string& database,
                                                v1::SchemaMeaning meaning,
                                                v1::StepState how = v1::STEP_SUCCEEDED) {
  state::v1::StepRecord step = MigrationOf(database, how);
  v1::Migration& migration = *step.mutable_outputs()->mutable_migration();
  migration.set_meaning(meaning);
  (*migration.mutable_previous())["shop"] = "0004";
  return step;
}

// A deployment of web that migrates main and other, and would take both back by a command.
inline DeploymentState StateAfter(const std::vector<state::v1::StepRecord>& steps) {
  DeploymentState state = MakeState({.databases = {{"main", {"web"}}, {"other", {}}},
                                     .migrations = {{"main", {.app = "web", .command = true}},
                                                    {"other", {.app = "web", .command = true}}}},
                                    kNow);
  state.steps = steps;
  return state;
}

// The command that takes back the latest migration of `state`, as an automatic rollback runs it.
inline state::v1::StepRecord TakenBackBy(const DeploymentState& state, v1::StepState how) {
  const NewStep command = RollbackCommandStep(state, MigrationsToTakeBack(state).at(0), "d-1-99");
  state::v1::StepRecord step;
  step.mutable_view()->set_phase(command.phase);
  step.mutable_view()->set_takes_back(command.takes_back);
  step.mutable_view()->set_attempt(1);
  step.mutable_view()->set_state(how);
  *step.mutable_spec() = command.spec;
  return step;
}

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_MIGRATION_MAKER_H_
