#include "controller/executor/older_urls.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/executor/executor_fixture.h"

// Rollbacks of an app whose database's URL was changed since.
namespace davit::executor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kUrlOfThen[] = "postgres://shop:hunter2@db.example.com/shop";

class OlderUrlsTest : public ExecutorTest {
 protected:
  OlderUrlsTest() { PutSecret("DATABASE_URL", 1, kUrlOfThen); }

  // Two releases, between which the URL became `url`.
  void DeployBeforeAndAfter(const std::string& url) {
    Finish(Request("v1"));
    PutSecret("DATABASE_URL", 2, url);
    Finish(Request("v2"));
  }
  v1::CreateDeploymentRequest Request(const std::string& greeting) {
    clock_.Advance(absl::Seconds(1));
    auto request = RequestFor("dev", absl::StrCat("request-", ++requests_));
    v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
    (*spec.mutable_databases())["main"].mutable_url()->set_secret("DATABASE_URL");
    v1::App& web = spec.mutable_apps()->at("web");
    web.set_database("main");
    (*web.mutable_env()->mutable_clear())["GREETING"] = greeting;
    (*web.mutable_env()->mutable_secret())["DATABASE_URL"] = "DATABASE_URL";
    return request;
  }
  v1::CreateDeploymentRequest Rollback(
      v1::RollbackRequest::Schema schema = v1::RollbackRequest::SCHEMA_UNSPECIFIED) {
    auto request = Request("v2");
    (*request.mutable_deployment()->mutable_rollback()->mutable_releases())["web"] = 1;
    request.mutable_deployment()->mutable_rollback()->set_schema(schema);
    return request;
  }
  std::vector<std::string> NotesOf(const v1::CreateDeploymentRequest& request) {
    const auto plan = executor_->Plan(request.deployment(), absl::InfiniteFuture());
    EXPECT_TRUE(plan.ok()) << plan.status();
    if (!plan.ok()) return {};
    return {plan->notes().begin(), plan->notes().end()};
  }

 private:
  int requests_ = 0;
};

TEST_F(OlderUrlsTest, ThatLeadElsewhereRefuseARollbackAndItsPlan) {
  DeployBeforeAndAfter("postgres://shop:hunter2@db.example.com/moved");
  for (const auto schema : {v1::RollbackRequest::SCHEMA_UNSPECIFIED, v1::RollbackRequest::RESTORE,
                            v1::RollbackRequest::COMMAND}) {
    const auto request = Rollback(schema);
    const absl::Status refused = executor_->Create(request).status();
    ASSERT_TRUE(IsFailure(refused, v1::SCHEMA_NOT_SAFE)) << refused;
    EXPECT_TRUE(IsFailure(executor_->Plan(request.deployment(), absl::InfiniteFuture()).status(),
                          v1::SCHEMA_NOT_SAFE));
    const v1::Failure failure = FailureOf(refused);
    EXPECT_THAT(failure.evidence(),
                ElementsAre("main: web v1 has version 1 of the secret DATABASE_URL, web v2, which "
                            "is live, has version 2, which leads elsewhere: another name of the "
                            "database"));
    EXPECT_THAT(failure.next_command(),
                AllOf(HasSubstr("`davit deploy web -e dev --image web=registry.example/web"),
                      HasSubstr("`davit rollback web -e dev --to web=1 --schema keep`")));
    EXPECT_THAT(failure.DebugString(), Not(HasSubstr("hunter2")));
  }
}

TEST_F(OlderUrlsTest, ThatLeadElsewhereAreToldWhereTheSchemaIsKept) {
  DeployBeforeAndAfter("postgres://shop:hunter2@new.example.com/shop");
  const auto request = Rollback(v1::RollbackRequest::KEEP);
  EXPECT_THAT(NotesOf(request), Contains(AllOf(HasSubstr("it leads to ANOTHER DATABASE (server)"),
                                               Not(HasSubstr("example.com")))));
  Finish(request);
}

TEST_F(OlderUrlsTest, WithAnotherPasswordAreToldAndGoneBackTo) {
  DeployBeforeAndAfter("postgres://shop:rotated@db.example.com:5432/shop");
  const auto request = Rollback();
  EXPECT_THAT(NotesOf(request),
              Contains(AllOf(HasSubstr("web v1 has version 1 of the secret DATABASE_URL"),
                             HasSubstr("the same database, with another user, password"),
                             Not(HasSubstr("rotated")))));
  Finish(request);
}

TEST_F(OlderUrlsTest, OfAFormThatIsNotReadAreSaidNotToBeKnown) {
  DeployBeforeAndAfter("postgres:///shop?host=db.example.com");
  EXPECT_THAT(NotesOf(Rollback()), Contains(HasSubstr("whether it leads to the same database is "
                                                      "not known")));
}

TEST_F(OlderUrlsTest, ThatAreTheSameAreNotSpokenOf) {
  DeployBeforeAndAfter(kUrlOfThen);
  EXPECT_THAT(NotesOf(Rollback()), Not(Contains(HasSubstr("DATABASE_URL"))));
}

}  // namespace
}  // namespace davit::executor
