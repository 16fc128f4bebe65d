#ifndef DAVIT_WORKER_STEPS_DATABASE_RESTORE_RESTORE_FIXTURE_H_
#define DAVIT_WORKER_STEPS_DATABASE_RESTORE_RESTORE_FIXTURE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "worker/steps/testing/database_steps_fixture.h"

namespace davit::steps {

// A backup of a word, which is another one by now.
class RestoreStepsTest : public DatabaseStepsTest {
 protected:
  void SetUp() override {
    DatabaseStepsTest::SetUp();
    Sql("CREATE TABLE state AS SELECT 'then' AS word");
    backup_ = MakeBackup();
    Sql("UPDATE state SET word = 'now'");
  }
  void TearDown() override {
    const std::string made = Others();
    if (!made.empty()) {
      EXPECT_TRUE(server().Sql("postgres", absl::StrCat("DROP DATABASE ", made)).ok());
    }
    DatabaseStepsTest::TearDown();
  }
  std::string Word() const { return Sql("SELECT word FROM state"); }
  // Databases whose names begin with the test's, besides its own: at most one.
  std::string Others() const {
    return Sql(
        absl::StrCat("SELECT datname FROM pg_database WHERE datname LIKE '", database(), "\\_%'"));
  }
  void LoadIt() {
    const auto outputs = Run(Load(backup_));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    loaded_ = outputs->summary();
  }

  v1::Backup backup_;
  std::string loaded_;  // what the load says
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_RESTORE_RESTORE_FIXTURE_H_
