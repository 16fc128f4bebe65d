#ifndef DAVIT_CLIENT_OUTPUT_DATABASE_MAKER_H_
#define DAVIT_CLIENT_OUTPUT_DATABASE_MAKER_H_

#include <string>

#include "davit/v1/deployment.pb.h"

// Steps on a database "main" for tests.
namespace davit::output {

inline v1::Step DatabaseStep(const std::string& kind, const std::string& title) {
  v1::Step step;
  step.set_id("d-1-01");
  step.set_kind(kind);
  step.set_title(title);
  step.set_host("db1");
  step.set_phase(v1::DATABASE);
  step.set_state(v1::STEP_SUCCEEDED);
  step.set_attempt(1);
  return step;
}

inline v1::Step MigrationStep(v1::SchemaMeaning meaning) {
  v1::Step step = DatabaseStep("migrate_database", "migrate database main");
  step.mutable_migration()->set_database("main");
  step.mutable_migration()->set_meaning(meaning);
  return step;
}

inline void AddChange(v1::Step& step, const std::string& sentence, v1::SchemaMeaning meaning,
                      const std::string& reason) {
  v1::SchemaChange* change = step.mutable_migration()->add_changes();
  change->set_sentence(sentence);
  change->set_meaning(meaning);
  change->set_reason(reason);
}

inline v1::Step BackupStep() {
  v1::Step step = DatabaseStep("backup_database", "back up database main");
  step.mutable_backup()->set_database("main");
  step.mutable_backup()->set_host("db1");
  step.mutable_backup()->set_path("/backups/main.dump");
  step.set_summary("12.3 MB in 3.2s: /backups/main.dump; 1 older one removed");
  return step;
}

// The step by which an automatic rollback takes the migration of main back.
inline v1::Step TakeBackStep(v1::StepState state) {
  v1::Step step = DatabaseStep("run_one_off", "undo the migration");
  step.set_takes_back("main");
  step.set_phase(v1::ROLLBACK);
  step.set_state(state);
  return step;
}

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_DATABASE_MAKER_H_
