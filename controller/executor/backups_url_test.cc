#include "controller/executor/backups_url.h"

#include "absl/strings/str_cat.h"
#include "controller/executor/executor_fixture.h"

// Restores of backups that were made before the URL of their database was changed.
namespace davit::executor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class BackupsUrlTest : public ExecutorTest {
 protected:
  BackupsUrlTest() { PutSecret("DATABASE_URL", 1, "postgres://shop:hunter2@db.example.com/shop"); }

  static v1::CreateDeploymentRequest Request(const std::string& id) {
    auto request = RequestFor("dev", id);
    v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
    v1::Database& database = (*spec.mutable_databases())["main"];
    database.mutable_url()->set_secret("DATABASE_URL");
    database.mutable_backup()->set_directory("/backups");
    spec.mutable_apps()->at("web").set_database("main");
    return request;
  }

  // Of the restore of a backup that was made before the URL became `url`.
  std::vector<std::string> NotesAfter(const std::string& url) {
    auto backup = Request("request-1");
    backup.mutable_deployment()->mutable_backup();
    Finish(backup);
    PutSecret("DATABASE_URL", 2, url);
    auto restore = Request("request-2");
    restore.mutable_deployment()->mutable_restore()->set_database("main");
    restore.mutable_deployment()->mutable_restore()->set_file("1.dump");
    const auto plan = executor_->Plan(restore.deployment(), absl::InfiniteFuture());
    EXPECT_TRUE(plan.ok()) << plan.status();
    if (!plan.ok()) return {};
    return {plan->notes().begin(), plan->notes().end()};
  }
};

TEST_F(BackupsUrlTest, OfAnotherDatabaseIsToldInThePlan) {
  EXPECT_THAT(NotesAfter("postgres://shop:hunter2@db.example.com/moved"),
              Contains(AllOf(HasSubstr("1.dump was made with version 1 of the secret DATABASE_URL, "
                                       "main has version 2 now: it is a backup of ANOTHER DATABASE "
                                       "(name of the database)"),
                             Not(HasSubstr("hunter2")))));
}

TEST_F(BackupsUrlTest, OfTheSameDatabaseIsNotSpokenOf) {
  EXPECT_THAT(NotesAfter("postgres://shop:rotated@db.example.com/shop"),
              Not(Contains(HasSubstr("DATABASE_URL"))));
}

}  // namespace
}  // namespace davit::executor
