#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/test_controller.h"

namespace davit::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using worker::v1::GetHostRequest;
using worker::v1::GetHostResponse;

class StatusTest : public ::testing::Test {
 protected:
  StatusTest() {
    Answer("web1", Running(7));
    Answer("web2", Running(7));
  }

  static GetHostResponse Running(int64_t number) {
    GetHostResponse host;
    worker::v1::ObservedContainer& container = *host.add_containers();
    container.set_name("shop-web");
    container.set_image_id(absl::StrCat("sha256:", number));
    container.set_state("running");
    container.set_health("healthy");
    (*container.mutable_labels())["davit.release"] = absl::StrCat(number);
    return host;
  }

  void Answer(const std::string& host, absl::StatusOr<GetHostResponse> answer) {
    controller_.worker(host).on_get_host = [answer](const GetHostRequest&, const Call&) {
      return answer;
    };
  }

  absl::StatusOr<v1::GetStatusResponse> Status(const std::string& environment = "dev") {
    v1::GetStatusRequest request;
    request.set_project("shop");
    request.set_environment(environment);
    v1::GetStatusResponse response;
    const grpc::Status status = controller_.stub().GetStatus(Patiently().get(), request, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  // What is said of web on `host` when it answers `answer`.
  v1::AppStatus StatusOf(absl::StatusOr<GetHostResponse> answer) {
    controller_.Put("d-1", v1::SUCCEEDED);
    controller_.PutLive("web", 7);
    Answer("web2", std::move(answer));
    const auto status = Status();
    EXPECT_TRUE(status.ok()) << status.status();
    if (!status.ok() || status->apps_size() != 2) return v1::AppStatus();
    EXPECT_EQ(status->apps(1).host(), "web2");
    return status->apps(1);
  }

  TestController controller_;
};

TEST_F(StatusTest, SaysThatAllIsWell) {
  GetHostResponse host = Running(7);
  host.mutable_containers(0)->mutable_start_time()->set_seconds(1234);
  const v1::AppStatus status = StatusOf(host);
  EXPECT_EQ(status.app(), "web");
  EXPECT_EQ(status.release().number(), 7);
  EXPECT_EQ(status.container(), "shop-web");
  EXPECT_EQ(status.container_state(), "running");
  EXPECT_EQ(status.health(), "healthy");
  EXPECT_EQ(status.start_time().seconds(), 1234);
  EXPECT_EQ(status.problem(), "");
}

TEST_F(StatusTest, AHostThatIsAwayIsUnknownAndTheOthersAreNot) {
  const v1::AppStatus status = StatusOf(FailureStatus(v1::HOST_UNREACHABLE, "web2 is away"));
  EXPECT_EQ(status.container_state(), "unknown");
  EXPECT_EQ(status.problem(), "web2 is away");
  EXPECT_EQ(Status()->apps(0).container_state(), "running");
}

TEST_F(StatusTest, AHostThatIsKnownToBeAwayIsNotAsked) {
  const test::TempDir directory;
  const test::FakeClock clock;
  fleet::ThreadTimer timer;
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  fleet::HostLink link = *controller_.fleet().Connect("web2", "");
  controller_.worker("web2").on_get_host = [](const auto&, const auto&) {
    ADD_FAILURE() << "it would only be waited for";
    return GetHostResponse();
  };
  fleet::HostMonitorOptions options;
  options.host = "web2";
  options.backoff = {absl::Milliseconds(1), absl::Milliseconds(10), nullptr};
  link.monitor = std::make_unique<fleet::HostMonitor>(
      options, MakeChannel(UnixAddress(directory.File("none"))), timer, clock);
  link.monitor->AwaitSettled(absl::Now() + absl::Seconds(20));
  controller_.fleet().Add("web2", std::move(link));
  const auto status = Status();
  controller_.fleet().Remove("web2");  // before the timer ends
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->apps(1).container_state(), "unknown");
  EXPECT_THAT(status->apps(1).problem(), HasSubstr("web2 does not answer"));
}

TEST_F(StatusTest, AHostWithoutDockerIsUnknown) {
  GetHostResponse host;
  *host.mutable_docker_failure() = MakeFailure(v1::DOCKER_UNREACHABLE, "no engine");
  const v1::AppStatus status = StatusOf(host);
  EXPECT_EQ(status.container_state(), "unknown");
  EXPECT_EQ(status.problem(), "no engine");
}

TEST_F(StatusTest, AContainerThatIsGoneIsMissing) {
  const v1::AppStatus status = StatusOf(GetHostResponse());
  EXPECT_EQ(status.container_state(), "missing");
  EXPECT_THAT(status.problem(), HasSubstr("no container shop-web"));
}

TEST_F(StatusTest, SaysWhatIsWrongWithAContainer) {
  EXPECT_THAT(StatusOf(Running(6)).problem(), HasSubstr("not of release v7"));
  GetHostResponse other_image = Running(7);
  other_image.mutable_containers(0)->set_image_id("sha256:other");
  EXPECT_THAT(StatusOf(other_image).problem(), HasSubstr("another image"));
  GetHostResponse exited = Running(7);
  exited.mutable_containers(0)->set_state("exited");
  exited.mutable_containers(0)->set_exit_code(137);
  EXPECT_THAT(StatusOf(exited).problem(), HasSubstr("code 137"));
  GetHostResponse restarting = Running(7);
  restarting.mutable_containers(0)->set_state("restarting");
  EXPECT_THAT(StatusOf(restarting).problem(), HasSubstr("restarting"));
  GetHostResponse unhealthy = Running(7);
  unhealthy.mutable_containers(0)->set_health("unhealthy");
  EXPECT_THAT(StatusOf(unhealthy).problem(), HasSubstr("unhealthy"));
}

TEST_F(StatusTest, AsksAllHostsAtOnceForTheContainersOfTheEnvironment) {
  controller_.Put("d-1", v1::SUCCEEDED);
  absl::Mutex mutex;
  int asked = 0;
  const auto both = [&asked] { return asked == 2; };
  for (const char* host : {"web1", "web2"}) {
    controller_.worker(host).on_get_host =
        [&](const GetHostRequest& request, const Call& call) -> absl::StatusOr<GetHostResponse> {
      EXPECT_THAT(
          request.container_labels(),
          UnorderedElementsAre(Pair("davit.project", "shop"), Pair("davit.environment", "dev")));
      EXPECT_LE(call.deadline, absl::Now() + absl::Seconds(5));
      absl::MutexLock lock(&mutex);
      ++asked;
      EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&both), absl::Seconds(20)));
      return GetHostResponse();
    };
  }
  EXPECT_TRUE(Status().ok());
}

TEST_F(StatusTest, TellsOfTheDeploymentThatHoldsTheLock) {
  controller_.Put("d-1");
  EXPECT_FALSE(Status()->has_running());
  state::v1::LockRecord lock;
  lock.set_project("shop");
  lock.set_environment("dev");
  lock.set_deployment_id("d-1");
  ASSERT_TRUE(controller_.store().Update([&](auto& txn) { return txn.PutLock(lock); }).ok());
  EXPECT_EQ(Status()->running().id(), "d-1");
}

TEST_F(StatusTest, SaysThatNothingWasEverDeployedThere) {
  controller_.Put("d-1");
  EXPECT_TRUE(IsFailure(Status("production").status(), v1::NOT_FOUND));
  EXPECT_TRUE(IsFailure(Status("").status(), v1::SPEC_INVALID));
}

TEST_F(StatusTest, AHostThatTheControllerNoLongerKnowsIsUnknown) {
  state::v1::DeploymentRecord record;
  record.mutable_view()->set_id("d-2");
  record.mutable_view()->set_project("shop");
  record.mutable_view()->set_environment("dev");
  record.mutable_view()->add_hosts("gone");
  ASSERT_TRUE(
      controller_.store().Update([&](auto& txn) { return txn.PutDeployment(record); }).ok());
  controller_.PutLive("web", 7);
  const auto status = Status();
  ASSERT_TRUE(status.ok()) << status.status();
  ASSERT_EQ(status->apps_size(), 1);
  EXPECT_EQ(status->apps(0).container_state(), "unknown");
  EXPECT_THAT(status->apps(0).problem(), HasSubstr("gone"));
}

}  // namespace
}  // namespace davit::api
