#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "client/commands/testing/scripted_controller.h"

namespace davit::commands {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class BackupVerbsTest : public ScriptedControllerTest {
 protected:
  BackupVerbsTest() {
    Write(R"(project: shop
databases:
  main: {url: {secret: DATABASE_URL}}
  spare: {url: {secret: SPARE_URL}, backup: {directory: /spare}}
apps:
  web: {image: shop/web, database: main}
  api: {image: shop/api, database: spare}
environments:
  dev: {hosts: [dev-1, dev-2]}
)");
    AddListed("main", "/var/lib/davit/backups/main-1.dump");
    AddListed("spare", "/spare/spare-1.dump");
    AddListed("", "/var/lib/davit/backups/lost-1.dump");
    controller_.plan.mutable_deployment()->set_id("d-plan");
  }

  void AddListed(const std::string& database, const std::string& path) {
    v1::Backup& backup = *controller_.backups.add_backups();
    backup.set_database(database);
    backup.set_host("dev-1");
    backup.set_path(path);
    backup.mutable_start_time()->set_seconds(1'700'000'000);
  }
  void AddUnusable(const std::string& database, const std::string& path,
                   const std::string& reason) {
    v1::UnusableBackup& unusable = *controller_.backups.add_unusable();
    unusable.mutable_backup()->set_database(database);
    unusable.mutable_backup()->set_host("dev-1");
    unusable.mutable_backup()->set_path(path);
    unusable.set_reason(reason);
  }
};

TEST_F(BackupVerbsTest, BacksUpAllDatabasesOfTheEnvironment) {
  EXPECT_EQ(Run({"backup", "--detach"}), 0) << err_.str();
  EXPECT_TRUE(controller_.asked().has_backup());
  EXPECT_TRUE(controller_.asked().backup().databases().empty());
  EXPECT_EQ(out_.str(), "d-1\n");
}

TEST_F(BackupVerbsTest, BacksUpTheDatabasesThatAreNamed) {
  EXPECT_EQ(Run({"backup", "spare", "main", "--detach"}), 0) << err_.str();
  EXPECT_THAT(controller_.asked().backup().databases(), ElementsAre("spare", "main"));
}

TEST_F(BackupVerbsTest, KnowsWhichDatabaseWasMeant) {
  EXPECT_EQ(Run({"backup", "mian"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("\"mian\""), HasSubstr("did you mean `main`")));
}

TEST_F(BackupVerbsTest, SaysWhereNoAppUsesADatabase) {
  Write("project: shop\napps: {web: {image: shop/web}}\nenvironments: {dev: {hosts: [h]}}\n");
  for (const char* verb : {"backup", "backups"}) {
    EXPECT_EQ(Run({verb}), 2) << verb;
    EXPECT_THAT(err_.str(), HasSubstr("no app of dev uses a database"));
  }
}

TEST_F(BackupVerbsTest, PrintsAnEmptyListForPrograms) {
  controller_.backups.Clear();
  EXPECT_EQ(Run({"backups", "--json"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "{\n \"backups\": [],\n \"unusable\": []\n}\n");
  EXPECT_EQ(Run({"history", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"deployments\": []"));
}

TEST_F(BackupVerbsTest, SaysOfARestoreThatIsCancelledTooLateThatItGoesOn) {
  EXPECT_EQ(Run({"cancel", "d-1"}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("d-1 goes on: it is too late to cancel it"));
  controller_.cancelled.mutable_failure()->set_code(v1::CANCELLED_BY_USER);
  EXPECT_EQ(Run({"cancel", "d-1"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("d-1 stops and undoes what it did"));
  controller_.cancelled.mutable_failure()->set_code(v1::HEALTH_REFUSED);
  EXPECT_EQ(Run({"cancel", "d-1"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("d-1 has failed already"));
}

TEST_F(BackupVerbsTest, ListsTheBackups) {
  EXPECT_EQ(Run({"backups"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("main-1.dump"), HasSubstr("spare-1.dump")));
}

TEST_F(BackupVerbsTest, ListsTheBackupsAsJson) {
  EXPECT_EQ(Run({"backups", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"path\": \"/spare/spare-1.dump\""));
  EXPECT_THAT(out_.str(), EndsWith("\n ],\n \"unusable\": []\n}\n"));
  controller_.backups.clear_backups();
  AddUnusable("main", "/var/lib/davit/backups/main-0.dump", "it was cut off");
  EXPECT_EQ(Run({"backups", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\"reason\": \"it was cut off\""),
                                EndsWith("\n ],\n \"backups\": []\n}\n")));
}

TEST_F(BackupVerbsTest, SaysWhyABackupThatIsThereCannotBeRestored) {
  AddUnusable("main", "/var/lib/davit/backups/main-0.dump", "it has 5 bytes instead of 19");
  for (const char* const file : {"main-0.dump", "/var/lib/davit/backups/main-0.dump"}) {
    EXPECT_EQ(Run({"restore", "main", file, "--yes"}), 1);
    EXPECT_THAT(err_.str(), HasSubstr("backup main-0.dump of database main cannot be restored: it "
                                      "has 5 bytes instead of 19"));
    EXPECT_THAT(err_.str(), HasSubstr("RESTORE_FAILED"));
  }
  EXPECT_FALSE(controller_.asked().has_restore());
}

TEST_F(BackupVerbsTest, RestoresWithYesWhereThereIsNoTerminal) {
  EXPECT_EQ(Run({"restore", "main", "main-1.dump", "--yes", "--detach"}), 0) << err_.str();
  EXPECT_EQ(controller_.asked().restore().database(), "main");
  EXPECT_EQ(controller_.asked().restore().file(), "main-1.dump");
  EXPECT_THAT(err_.str(), HasSubstr("will be lost"));
}

TEST_F(BackupVerbsTest, TakesTheWholePathOfABackup) {
  EXPECT_EQ(Run({"restore", "spare", "/spare/spare-1.dump", "--yes", "--detach"}), 0) << err_.str();
  EXPECT_EQ(controller_.asked().restore().file(), "spare-1.dump");
}

TEST_F(BackupVerbsTest, RestoresABackupThatNoRecordKnows) {
  EXPECT_EQ(Run({"restore", "main", "lost-1.dump", "--yes", "--detach"}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("no record says that it is of main"));
}

TEST_F(BackupVerbsTest, OnlySaysWhatItWouldDoWhereNobodyCanConfirmIt) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  in_descriptor_ = pipe_ends[0];
  EXPECT_EQ(Run({"restore", "main", "main-1.dump"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("will be lost"),
                                EndsWith("\ndavit restore main main-1.dump --yes\n")));
  EXPECT_EQ(Run({"restore", "main", "main-1.dump", "--json"}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("\"plan\":{\"deployment\":{\"id\":\"d-plan\""));
  EXPECT_EQ(controller_.created, 0);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_F(BackupVerbsTest, RestoresNoBackupOfAnotherDatabase) {
  EXPECT_EQ(Run({"restore", "main", "spare-1.dump", "--yes"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("there is no backup spare-1.dump of database main"));
  EXPECT_FALSE(controller_.asked().has_restore());
}

TEST_F(BackupVerbsTest, AsksNoOlderControllerForWhatItWouldTakeForARelease) {
  controller_.knows_no_backups = true;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"backup"},
                                                {"restore", "main", "main-1.dump", "--yes"},
                                                {"rollback", "web", "--yes"},
                                                {"rollback", "web", "--yes", "--quiet"}}) {
    EXPECT_EQ(Run(words), 1) << words[0];
    EXPECT_THAT(err_.str(), HasSubstr("VERSION_SKEW"));
  }
  EXPECT_EQ(controller_.created, 0);
}

// What is typed after the question.
class RestoreOnTerminalTest : public BackupVerbsTest {
 protected:
  int RestoreTyping(const std::string& answer) {
    int ours = -1;
    int theirs = -1;
    EXPECT_EQ(openpty(&ours, &theirs, nullptr, nullptr, nullptr), 0);
    EXPECT_EQ(write(ours, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    in_descriptor_ = theirs;
    const int code = Run({"restore", "main", "main-1.dump", "--detach"});
    close(theirs);
    close(ours);
    return code;
  }
};

TEST_F(RestoreOnTerminalTest, GoesOnWhenTheDatabasesNameIsTyped) {
  EXPECT_EQ(RestoreTyping("main\n"), 0) << err_.str();
  EXPECT_EQ(controller_.asked().restore().file(), "main-1.dump");
  EXPECT_THAT(err_.str(), HasSubstr("Type its name (main) to go on"));
}

TEST_F(RestoreOnTerminalTest, DoesNothingForAMereYes) {
  controller_.created = 0;
  EXPECT_EQ(RestoreTyping("yes\n"), 7);
  EXPECT_THAT(err_.str(), HasSubstr("nothing was done"));
  EXPECT_EQ(controller_.created, 0);
}

TEST_F(BackupVerbsTest, CompletesTheNamesOfDatabases) {
  EXPECT_EQ(Run({"__complete", "restore", ""}), 0);
  EXPECT_EQ(out_.str(), "main\nspare\n");
}

TEST_F(BackupVerbsTest, CompletesTheFilesOfBackupsOfTheDatabase) {
  EXPECT_EQ(Run({"__complete", "restore", "main", ""}), 0);
  EXPECT_EQ(out_.str(), "lost-1.dump\nmain-1.dump\n");
  EXPECT_EQ(Run({"__complete", "restore", "-e", "dev", "main", "m"}), 0);
  EXPECT_EQ(out_.str(), "main-1.dump\n");
  EXPECT_EQ(Run({"__complete", "restore", "mian", ""}), 0);
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace davit::commands
