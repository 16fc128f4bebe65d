// What whoever is woken by a failed migration reads.
#include <gtest/gtest.h>

#include <sstream>

#include "client/output/database_maker.h"
#include "client/output/event_maker.h"
#include "client/output/next_command.h"
#include "client/output/reporter.h"

namespace davit::output {
namespace {

v1::Failure ColumnExists() {
  v1::Failure failure;
  failure.set_code(v1::MIGRATION_FAILED);
  failure.set_message("the migration failed: the column vat of shop_customer exists already");
  failure.add_evidence("migration: shop.0005_vat");
  failure.add_evidence("it has left in the schema (1 change):");
  failure.add_evidence("  Column old was dropped from shop_customer (not safe)");
  failure.add_log_tail("DuplicateColumn: column \"vat\" already exists");
  failure.set_likely_cause("it was added by hand, or by a run that was not recorded");
  failure.set_next_command("record it as applied: `python manage.py migrate --fake shop 0005_vat`");
  return failure;
}

v1::Failure NotSafe() {
  v1::Failure failure;
  failure.set_code(v1::SCHEMA_NOT_SAFE);
  failure.set_message("the migration of main stays");
  failure.add_evidence("main: the backup of before it is /backups/main.dump on db1");
  failure.set_next_command("go back with `davit restore -e dev main main.dump`");
  return failure;
}

class MigrationReport : public ::testing::Test {
 protected:
  void Play(v1::Event event) {
    CompleteCommands(event, " --local");
    if (model_.Apply(event)) reporter_->OnEvent(event, model_);
  }
  void PlayStep(const v1::Step& step) {
    v1::Event event = maker_.Deployment(v1::RUNNING);  // for its number and time
    *event.mutable_step() = step;
    Play(event);
  }
  // A migration that fails and leaves a schema that is not safe.
  void PlayAll() {
    Play(maker_.Deployment(v1::PENDING));
    PlayStep(BackupStep());
    v1::Step failed = MigrationStep(v1::SCHEMA_UNSAFE);
    failed.set_id("d-1-02");
    failed.set_state(v1::STEP_FAILED);
    *failed.mutable_failure() = ColumnExists();
    AddChange(failed, "Column old was dropped from shop_customer", v1::SCHEMA_UNSAFE, "");
    PlayStep(failed);
    *maker_.deployment().mutable_failure() = ColumnExists();
    *maker_.deployment().mutable_rollback_failure() = NotSafe();
    maker_.Pass(absl::Seconds(9));
    Play(maker_.Deployment(v1::NEEDS_ATTENTION));
    reporter_->Finish(model_);
  }

  std::ostringstream out_;
  std::unique_ptr<Reporter> reporter_ = MakePlainReporter(out_);
  EventMaker maker_;
  DeploymentModel model_;
};

TEST_F(MigrationReport, SaysWhatFailedWhatStaysWhatServesAndWhatToRun) {
  PlayAll();
  EXPECT_EQ(out_.str(),
            "+0.0s   deployment d-1: web v3 to dev on 1 host\n"
            "+0.0s   [db1] back up database main: done (12.3 MB in 3.2s; 1 older one removed)\n"
            "        backup of main: db1:/backups/main.dump\n"
            "+0.0s   [db1] migrate database main: FAILED\n"
            "        the migration failed: the column vat of shop_customer exists already "
            "(MIGRATION_FAILED)\n"
            "          - migration: shop.0005_vat\n"
            "          - it has left in the schema (1 change):\n"
            "            - Column old was dropped from shop_customer (not safe)\n"
            "          Last lines of its log:\n"
            "            | DuplicateColumn: column \"vat\" already exists\n"
            "          Likely: it was added by hand, or by a run that was not recorded\n"
            "          Next:   record it as applied: `python manage.py migrate --fake shop "
            "0005_vat`\n"
            "error: the migration of main stays (SCHEMA_NOT_SAFE)\n"
            "  - main: the backup of before it is /backups/main.dump on db1\n"
            "  Next:   go back with `davit restore -e dev main main.dump --local`\n"
            "web v3 needs attention: a human must look; v2 was not touched, but may not be able to "
            "run on the database as it is now\n");
}

}  // namespace
}  // namespace davit::output
