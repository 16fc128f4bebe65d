#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/testing/test_controller.h"

namespace davit::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

v1::Database DatabaseIn(const std::string& directory) {
  v1::Database database;
  database.mutable_url()->set_secret("DATABASE_URL");
  database.mutable_wait()->set_attempts(30);
  database.mutable_wait()->mutable_interval()->set_seconds(1);
  database.mutable_backup()->set_before_migrate(true);
  database.mutable_backup()->set_keep(7);
  database.mutable_backup()->set_directory(directory);
  database.mutable_backup()->mutable_timeout()->set_seconds(60);
  return database;
}

v1::EnvironmentSpec SpecWithDatabase() {
  v1::EnvironmentSpec spec = ShopSpec();
  (*spec.mutable_databases())["main"] = DatabaseIn("/backups");
  spec.mutable_apps()->at("web").set_database("main");
  return spec;
}

v1::Backup BackupAt(const std::string& path, int64_t started, const std::string& deployment) {
  v1::Backup backup;
  backup.set_path(path);
  backup.mutable_start_time()->set_seconds(started);
  backup.set_deployment_id(deployment);
  return backup;
}

class DatabasesTest : public ::testing::Test {
 protected:
  DatabasesTest() {
    controller_.worker("web1").on_list_backups = [this](const auto& request) {
      asked_.push_back(request.directory());
      worker::v1::ListBackupsResponse response;
      for (const v1::Backup& backup : lying_[request.directory()]) {
        *response.add_backups() = backup;
      }
      for (const v1::UnusableBackup& unusable : unusable_) *response.add_unusable() = unusable;
      return response;
    };
  }

  // A deployment that has backed up the database `main`.
  void PutMaker(const std::string& id, const std::string& environment, const std::string& path,
                const std::string& sha256 = "") {
    state::v1::DeploymentRecord record;
    record.mutable_view()->set_id(id);
    record.mutable_view()->set_project("shop");
    record.mutable_view()->set_environment(environment);
    record.mutable_view()->set_state(v1::SUCCEEDED);
    state::v1::StepRecord step;
    step.mutable_spec()->mutable_backup_database()->mutable_database()->set_name("main");
    step.mutable_outputs()->mutable_backup()->set_path(path);
    step.mutable_outputs()->mutable_backup()->set_sha256(sha256);
    const absl::Status put = controller_.store().Update([&](store::Txn& txn) {
      if (absl::Status status = txn.PutDeployment(record); !status.ok()) return status;
      return txn.PutStep(id, 0, step);
    });
    EXPECT_TRUE(put.ok()) << put;
  }

  absl::StatusOr<v1::ListBackupsResponse> List(const v1::EnvironmentSpec& spec) {
    v1::ListBackupsRequest request;
    *request.mutable_spec() = spec;
    v1::ListBackupsResponse response;
    const auto context = Patiently();
    const absl::Status status =
        FromGrpcStatus(controller_.databases().ListBackups(context.get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // As database:path@host.
  std::vector<std::string> Listed(const v1::EnvironmentSpec& spec) {
    const auto response = List(spec);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> lines;
    if (!response.ok()) return lines;
    for (const v1::Backup& backup : response->backups()) {
      lines.push_back(absl::StrCat(backup.database(), ":", backup.path(), "@", backup.host()));
    }
    return lines;
  }

  absl::Status Create(const v1::DeploymentRequest& deployment) {
    v1::CreateDeploymentRequest request;
    request.set_request_id("request-1");
    *request.mutable_deployment() = deployment;
    v1::CreateDeploymentResponse response;
    const auto context = Patiently();
    return FromGrpcStatus(controller_.stub().CreateDeployment(context.get(), request, &response));
  }

  TestController controller_;
  std::map<std::string, std::vector<v1::Backup>> lying_;  // by directory
  std::vector<v1::UnusableBackup> unusable_;              // in each
  std::vector<std::string> asked_;
};

TEST_F(DatabasesTest, ListsTheNewestBackupFirstWithTheNameThatDavitYamlHas) {
  PutMaker("d-1", "dev", "/backups/a.dump");
  PutMaker("d-2", "dev", "/backups/b.dump");
  lying_["/backups"] = {BackupAt("/backups/a.dump", 100, "d-1"),
                        BackupAt("/backups/b.dump", 200, "d-2")};
  EXPECT_THAT(Listed(SpecWithDatabase()),
              ElementsAre("main:/backups/b.dump@web1", "main:/backups/a.dump@web1"));
}

TEST_F(DatabasesTest, LeavesOutWhatOtherEnvironmentsHaveInTheSameDirectory) {
  PutMaker("d-1", "staging", "/backups/a.dump");
  lying_["/backups"] = {BackupAt("/backups/a.dump", 100, "d-1")};
  EXPECT_THAT(Listed(SpecWithDatabase()), IsEmpty());
}

TEST_F(DatabasesTest, TellsOfBackupsThatItHasNoRecordOf) {
  lying_["/backups"] = {BackupAt("/backups/a.dump", 100, "d-lost"),
                        BackupAt("/backups/b.dump", 90, "")};
  EXPECT_THAT(Listed(SpecWithDatabase()),
              ElementsAre(":/backups/a.dump@web1", ":/backups/b.dump@web1"));
}

TEST_F(DatabasesTest, TellsWhatLiesThereAndCannotBeUsed) {
  PutMaker("d-1", "dev", "/backups/b.dump");
  PutMaker("d-2", "staging", "/backups/c.dump");
  for (const auto& [path, deployment] :
       {std::pair("/backups/c.dump", "d-2"), std::pair("/backups/b.dump", "d-1"),
        std::pair("/backups/a.dump", "")}) {
    *unusable_.emplace_back().mutable_backup() = BackupAt(path, 100, deployment);
    unusable_.back().set_reason("it was cut off");
  }
  const auto response = List(SpecWithDatabase());
  ASSERT_TRUE(response.ok()) << response.status();
  std::vector<std::string> lines;
  for (const v1::UnusableBackup& unusable : response->unusable()) {
    const v1::Backup& backup = unusable.backup();
    lines.push_back(absl::StrCat(backup.database(), ":", backup.path(), "@", backup.host(), ": ",
                                 unusable.reason()));
  }
  EXPECT_THAT(lines, ElementsAre(":/backups/a.dump@web1: it was cut off",
                                 "main:/backups/b.dump@web1: it was cut off"))
      << "and nothing of another environment";
}

TEST_F(DatabasesTest, TakesNoBackupForAnotherThatHasItsName) {
  PutMaker("d-1", "dev", "/backups/a.dump", "aa");
  lying_["/backups"] = {BackupAt("/backups/a.dump", 100, "d-1")};
  lying_["/backups"][0].set_sha256("bb");
  const auto response = List(SpecWithDatabase());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->backups(), IsEmpty());
  ASSERT_EQ(response->unusable_size(), 1);
  EXPECT_EQ(response->unusable(0).backup().database(), "main");
  EXPECT_THAT(response->unusable(0).reason(),
              HasSubstr("its checksum is another than deployment d-1 has on record"));
  lying_["/backups"][0].set_sha256("aa");
  EXPECT_THAT(Listed(SpecWithDatabase()), ElementsAre("main:/backups/a.dump@web1"));
}

TEST_F(DatabasesTest, AsksForADirectoryOnceHoweverManyDatabasesShareIt) {
  v1::EnvironmentSpec spec = SpecWithDatabase();
  (*spec.mutable_databases())["other"] = DatabaseIn("/backups");
  (*spec.mutable_databases())["third"] = DatabaseIn("/elsewhere");
  EXPECT_THAT(Listed(spec), IsEmpty());
  EXPECT_THAT(asked_, UnorderedElementsAre("/backups", "/elsewhere"));
}

TEST_F(DatabasesTest, AsksNobodyWhereNoAppUsesADatabase) {
  EXPECT_THAT(Listed(ShopSpec()), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DatabasesTest, HandsOnThatAWorkerIsTooOld) {
  controller_.worker("web1").on_list_backups = [](const auto&) {
    return FailureStatus(v1::VERSION_SKEW, "the worker of host web1 is of an older version");
  };
  EXPECT_TRUE(IsFailure(List(SpecWithDatabase()).status(), v1::VERSION_SKEW));
}

TEST_F(DatabasesTest, RefusesABackupOfADatabaseThatNoAppUses) {
  v1::DeploymentRequest request;
  *request.mutable_spec() = SpecWithDatabase();
  request.mutable_backup()->add_databases("mian");
  const absl::Status status = Create(request);
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << status;
  EXPECT_THAT(FailureOf(status).evidence(), Contains(HasSubstr("mian; there is main")));
}

TEST_F(DatabasesTest, RefusesToRestoreWhatIsNoFileOfTheDirectory) {
  v1::DeploymentRequest request;
  *request.mutable_spec() = SpecWithDatabase();
  request.mutable_restore()->set_database("main");
  request.mutable_restore()->set_file("../../etc/passwd");
  EXPECT_TRUE(IsFailure(Create(request), v1::SPEC_INVALID));
}

TEST_F(DatabasesTest, WantsTheDatabasesSecretsBeforeItMakesADeployment) {
  v1::DeploymentRequest request;
  *request.mutable_spec() = SpecWithDatabase();
  request.mutable_backup();
  const absl::Status status = Create(request);
  EXPECT_TRUE(IsFailure(status, v1::SECRET_MISSING)) << status;
  EXPECT_THAT(FailureOf(status).evidence(), Contains(HasSubstr("databases.main.url")));
}

}  // namespace
}  // namespace davit::api
