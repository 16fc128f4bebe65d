#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/testing/test_controller.h"

namespace davit::api {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// One client of one controller; each method answers as the client sees it.
class DeploymentsTest : public ::testing::Test {
 protected:
  template <typename Request, typename Response>
  using Method = grpc::Status (v1::DeploymentService::Stub::*)(grpc::ClientContext*, const Request&,
                                                               Response*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(Method<Request, Response> method, const Request& request) {
    Response response;
    const grpc::Status status = (controller_.stub().*method)(Patiently().get(), request, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  auto Create(const v1::CreateDeploymentRequest& request) {
    return Ask(&v1::DeploymentService::Stub::CreateDeployment, request);
  }
  auto Get(const std::string& id) {
    v1::GetDeploymentRequest request;
    request.set_id(id);
    return Ask(&v1::DeploymentService::Stub::GetDeployment, request);
  }
  auto Cancel(const std::string& id) {
    v1::CancelDeploymentRequest request;
    request.set_id(id);
    request.set_cancelled_by("ann@laptop");
    return Ask(&v1::DeploymentService::Stub::CancelDeployment, request);
  }
  auto List(int page_size, const std::string& token = "", const std::string& project = "") {
    v1::ListDeploymentsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    request.set_project(project);
    return Ask(&v1::DeploymentService::Stub::ListDeployments, request);
  }

  static v1::CreateDeploymentRequest ShopRequest(const std::string& request_id) {
    v1::CreateDeploymentRequest request;
    *request.mutable_deployment()->mutable_spec() = ShopSpec();
    request.mutable_deployment()->set_submitted_by("ann@laptop");
    request.set_request_id(request_id);
    return request;
  }

  TestController controller_;
};

std::vector<std::string> Ids(const v1::ListDeploymentsResponse& response) {
  std::vector<std::string> ids;
  for (const v1::Deployment& deployment : response.deployments()) ids.push_back(deployment.id());
  return ids;
}

TEST_F(DeploymentsTest, CreatesADeploymentThatCanBeFound) {
  const auto created = Create(ShopRequest("request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  const v1::Deployment& deployment = created->deployment();
  EXPECT_THAT(deployment.id(), StartsWith("d-"));
  EXPECT_EQ(deployment.state(), v1::PENDING);
  const auto found = Get(deployment.id());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->deployment().project(), "shop");
  EXPECT_EQ(found->deployment().submitted_by(), "ann@laptop");
  EXPECT_GT(found->deployment().steps_size(), 0);
}

TEST_F(DeploymentsTest, TheSameRequestAgainMakesNoSecondDeployment) {
  const auto first = Create(ShopRequest("request-1"));
  const auto second = Create(ShopRequest("request-1"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->deployment().id(), second->deployment().id());
}

TEST_F(DeploymentsTest, SaysWhoHoldsTheLock) {
  ASSERT_TRUE(Create(ShopRequest("request-1")).ok());
  const absl::Status status = Create(ShopRequest("request-2")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(IsFailure(status, v1::LOCK_HELD));
}

TEST_F(DeploymentsTest, ListsEverythingThatIsWrongAtOnce) {
  v1::CreateDeploymentRequest request = ShopRequest("short");
  v1::DeploymentRequest& deployment = *request.mutable_deployment();
  (*deployment.mutable_spec()->mutable_apps())["web"].mutable_container()->add_ports("99999:80");
  (*deployment.mutable_spec()->mutable_apps())["web"].set_retain(-1);
  deployment.add_apps("wbe");
  (*deployment.mutable_images())["web"] = "Not An Image";
  (*deployment.mutable_images())["api"] = "shop/api:1";
  const absl::Status status = Create(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID));
  const v1::Failure failure = FailureOf(status);
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("ports")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("retain")));
  EXPECT_THAT(failure.evidence(), Contains(AllOf(HasSubstr("no app wbe"), HasSubstr("web"))));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("the image of web")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("an image is given for api")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("request_id must have 8 to 100")));
  EXPECT_THAT(Ids(*List(0)), SizeIs(0));
}

TEST_F(DeploymentsTest, RefusesWhatCannotBeAdoptedOrWasNeverBuilt) {
  v1::CreateDeploymentRequest request = ShopRequest("request-1");
  v1::DeploymentRequest& deployment = *request.mutable_deployment();
  (*deployment.mutable_adopt())["wbe"] = "old";
  (*deployment.mutable_adopt())["web"] = "not a name";
  (*deployment.mutable_built())["api"].set_reference("shop/api:1");
  v1::BuiltImage& built = (*deployment.mutable_built())["web"];
  built.set_reference("Not An Image");
  built.add_digests("shop/web:1");
  const v1::Failure failure = FailureOf(Create(request).status());
  EXPECT_EQ(failure.code(), v1::SPEC_INVALID);
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("a container to adopt is given for wbe")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("'not a name', to be adopted for web")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("a built image is given for api")));
  EXPECT_THAT(failure.evidence(),
              Contains(HasSubstr("the built image of api has neither an id nor a digest")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("the built image of web: ")));
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("is no digest")));
}

TEST_F(DeploymentsTest, RefusesARollbackOfWhatThereIsNotOrToAnImage) {
  v1::CreateDeploymentRequest request = ShopRequest("request-1");
  v1::DeploymentRequest& deployment = *request.mutable_deployment();
  (*deployment.mutable_rollback()->mutable_releases())["wbe"] = 3;
  (*deployment.mutable_rollback()->mutable_releases())["web"] = -1;
  (*deployment.mutable_images())["web"] = "shop/web:1";
  const v1::Failure failure = FailureOf(Create(request).status());
  EXPECT_EQ(failure.code(), v1::SPEC_INVALID);
  EXPECT_THAT(failure.evidence(), Contains(HasSubstr("a release to go back to is given for wbe")));
  EXPECT_THAT(failure.evidence(), Contains("there is no release v-1 of web"));
  EXPECT_THAT(failure.evidence(),
              Contains("a rollback takes images and containers from its releases"));
}

TEST_F(DeploymentsTest, TellsEverythingThatAPlanWouldChangeAndItsRollbackDo) {
  controller_.worker("web1").looks = true;
  controller_.worker("web2").looks = true;
  v1::PlanDeploymentRequest request;
  *request.mutable_deployment()->mutable_spec() = ShopSpec();
  const auto plan = Ask(&v1::DeploymentService::Stub::PlanDeployment, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_THAT(plan->changes(), SizeIs(1));
  EXPECT_EQ(plan->changes(0).kind(), v1::AppChange::FIRST);
  EXPECT_THAT(plan->rollback(), Contains("web1, web2: remove web v1"));
}

TEST_F(DeploymentsTest, ChecksOnlyWhatIsValid) {
  v1::CheckDeploymentRequest request;
  const absl::Status status = Ask(&v1::DeploymentService::Stub::CheckDeployment, request).status();
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID));
}

TEST_F(DeploymentsTest, ChecksAnEnvironmentWhoseHostsAreNotKnown) {
  v1::CheckDeploymentRequest request;
  *request.mutable_deployment()->mutable_spec() = ShopSpec();
  for (std::string& host : *request.mutable_deployment()->mutable_spec()->mutable_hosts()) {
    host += "-new";
  }
  const auto check = Ask(&v1::DeploymentService::Stub::CheckDeployment, request);
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_THAT(check->findings(), SizeIs(2));
  EXPECT_EQ(check->findings(0).host(), "web1-new");
  EXPECT_EQ(check->findings(0).failure().code(), v1::HOST_UNKNOWN);
}

TEST_F(DeploymentsTest, PlansOnlyWhatIsValid) {
  v1::PlanDeploymentRequest request;
  const absl::Status status = Ask(&v1::DeploymentService::Stub::PlanDeployment, request).status();
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID));
}

TEST_F(DeploymentsTest, APlanNotesWhatGoesOnRunningElsewhere) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  controller_.worker("web1").looks = true;
  v1::PlanDeploymentRequest request;
  *request.mutable_deployment()->mutable_spec() = ShopSpec();
  request.mutable_deployment()->mutable_spec()->mutable_hosts()->RemoveLast();
  const auto plan = Ask(&v1::DeploymentService::Stub::PlanDeployment, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->notes(),
              ElementsAre(HasSubstr("web1: web v7, the live release, is not running"),
                          AllOf(HasSubstr("web2 is not a host of this deployment"),
                                HasSubstr("web v7 goes on running there, by the records"))));
}

TEST_F(DeploymentsTest, APlanEndsAtTheClientsDeadline) {
  v1::PlanDeploymentRequest request;
  *request.mutable_deployment()->mutable_spec() = ShopSpec();
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(100)));
  v1::PlanDeploymentResponse response;
  const grpc::Status status = controller_.stub().PlanDeployment(&context, request, &response);
  EXPECT_FALSE(status.ok());  // the workers of this test never answer
}

TEST_F(DeploymentsTest, SaysThatAHostIsUnknown) {
  v1::CreateDeploymentRequest request = ShopRequest("request-1");
  request.mutable_deployment()->mutable_spec()->set_hosts(0, "wbe1");
  EXPECT_TRUE(IsFailure(Create(request).status(), v1::HOST_UNKNOWN));
}

TEST_F(DeploymentsTest, FindsADeploymentByAUniqueBeginning) {
  controller_.Put("d-0aa1");
  controller_.Put("d-0ab2");
  const auto found = Get("d-0ab");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->deployment().id(), "d-0ab2");
}

TEST_F(DeploymentsTest, NamesTheCandidatesOfABeginningThatIsNotUnique) {
  controller_.Put("d-0aa1");
  controller_.Put("d-0ab2");
  const absl::Status status = Get("d-0a").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(FailureOf(status).evidence(), ElementsAre("d-0aa1", "d-0ab2"));
}

TEST_F(DeploymentsTest, NamesTenCandidatesAtMost) {
  for (int i = 10; i < 30; ++i) controller_.Put(absl::StrCat("d-", i));
  const v1::Failure failure = FailureOf(Get("d-").status());
  ASSERT_EQ(failure.evidence_size(), 11);
  EXPECT_EQ(failure.evidence(10), "and more");
}

TEST_F(DeploymentsTest, SaysThatThereIsNoSuchDeployment) {
  EXPECT_TRUE(IsFailure(Get("d-none").status(), v1::NOT_FOUND));
  EXPECT_TRUE(IsFailure(Get("").status(), v1::SPEC_INVALID));
  EXPECT_TRUE(IsFailure(Cancel("d-none").status(), v1::NOT_FOUND));
}

TEST_F(DeploymentsTest, ListsPageAfterPageNewestFirst) {
  for (const char* id : {"d-1", "d-2", "d-3", "d-4", "d-5"}) controller_.Put(id);
  const auto first = List(2);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(Ids(*first), ElementsAre("d-5", "d-4"));
  const auto second = List(2, first->next_page_token());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(Ids(*second), ElementsAre("d-3", "d-2"));
  const auto third = List(2, second->next_page_token());
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_THAT(Ids(*third), ElementsAre("d-1"));
  EXPECT_EQ(third->next_page_token(), "");
}

TEST_F(DeploymentsTest, HasNoTokenWhenTheLastPageIsJustFull) {
  for (const char* id : {"d-1", "d-2"}) controller_.Put(id);
  const auto page = List(2);
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(Ids(*page), SizeIs(2));
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(DeploymentsTest, ListsFiftyWhenNoSizeIsGiven) {
  for (int i = 100; i < 160; ++i) controller_.Put(absl::StrCat("d-", i));
  EXPECT_THAT(Ids(*List(0)), SizeIs(50));
  EXPECT_THAT(Ids(*List(100'000)), SizeIs(60));
}

TEST_F(DeploymentsTest, ListsOnlyTheProjectThatIsAskedFor) {
  controller_.Put("d-1");
  EXPECT_THAT(Ids(*List(0, "", "shop")), SizeIs(1));
  EXPECT_THAT(Ids(*List(0, "", "other")), SizeIs(0));
}

TEST_F(DeploymentsTest, RefusesAPageThatIsNone) {
  for (const char* token : {"garbage", "%%%", "YWZ0ZXI6", "bm9uc2Vuc2U"}) {
    EXPECT_TRUE(IsFailure(List(2, token).status(), v1::SPEC_INVALID)) << token;
  }
  EXPECT_TRUE(IsFailure(List(-1).status(), v1::SPEC_INVALID));
}

TEST_F(DeploymentsTest, CancelsARunningDeployment) {
  const auto created = Create(ShopRequest("request-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  const auto cancelled = Cancel(created->deployment().id());
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_TRUE(cancelled->deployment().cancel_requested());
}

TEST_F(DeploymentsTest, CannotCancelADeploymentThatHasEnded) {
  controller_.Put("d-1", v1::SUCCEEDED);
  const absl::Status status = Cancel("d-1").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsFailure(status, v1::WRONG_STATE));
}

}  // namespace
}  // namespace davit::api
