#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/testing/test_controller.h"
#include "controller/fleet/scripted_worker.h"

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

  // A deployment that has stopped web v7 to restore its database.
  void PutRestore(const std::string& id, v1::DeploymentState state) {
    state::v1::DeploymentRecord record;
    v1::Deployment& view = *record.mutable_view();
    view.set_id(id);
    view.set_project("shop");
    view.set_environment("dev");
    view.set_operation(v1::OPERATION_RESTORE);
    view.set_state(state);
    view.add_hosts("web1");
    (*record.mutable_previous())["web"].mutable_view()->set_number(7);
    record.set_request_id(absl::StrCat("request of ", id));
    const absl::Status put =
        controller_.store().Update([&](store::Txn& txn) { return txn.PutDeployment(record); });
    EXPECT_TRUE(put.ok()) << put;
  }

  // A deployment that was to make web v8 live.
  void PutDeployment(const std::string& id, const std::vector<std::string>& hosts,
                     v1::DeploymentState state) {
    state::v1::DeploymentRecord record;
    v1::Deployment& view = *record.mutable_view();
    view.set_id(id);
    view.set_project("shop");
    view.set_environment("dev");
    view.set_state(state);
    for (const std::string& host : hosts) view.add_hosts(host);
    view.add_releases()->set_app("web");
    view.mutable_releases(0)->set_number(8);
    record.set_request_id("request of " + id);
    const absl::Status put =
        controller_.store().Update([&](auto& txn) { return txn.PutDeployment(record); });
    ASSERT_TRUE(put.ok()) << put;
  }

  void Hold(const std::string& deployment) {
    state::v1::LockRecord lock;
    lock.set_project("shop");
    lock.set_environment("dev");
    lock.set_deployment_id(deployment);
    ASSERT_TRUE(controller_.store().Update([&](auto& txn) { return txn.PutLock(lock); }).ok());
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
  EXPECT_EQ(StatusOf(Running(6)).problem(), "v6 runs, the records say v7");
  GetHostResponse foreign = Running(7);
  foreign.mutable_containers(0)->clear_labels();
  EXPECT_THAT(StatusOf(foreign).problem(), HasSubstr("not of Davit"));
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

// A container of `number` that has the labels of web and no name of a service.
void AddBeside(GetHostResponse& host, int64_t number) {
  worker::v1::ObservedContainer& container = *host.add_containers();
  container.set_name("davit-d-2-06");
  container.set_state("running");
  (*container.mutable_labels())["davit.app"] = "web";
  (*container.mutable_labels())["davit.release"] = absl::StrCat(number);
}

TEST_F(StatusTest, SaysWhatRunsBesideAContainerThatIsStopped) {
  GetHostResponse host = Running(7);
  host.mutable_containers(0)->set_state("exited");
  AddBeside(host, 8);
  EXPECT_EQ(StatusOf(host).problem(),
            "the container has exited with code 0; v8 runs as container davit-d-2-06");
}

TEST_F(StatusTest, ADeploymentThatFailedTakesNoHostAway) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  PutDeployment("d-2", {"web1"}, v1::FAILED);
  ASSERT_EQ(Status()->apps_size(), 2);
  EXPECT_EQ(Status()->apps(1).host(), "web2");
  EXPECT_EQ(Status()->apps(1).problem(), "");
}

TEST_F(StatusTest, EachAppHasItsOwnHosts) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("api", 3);
  PutDeployment("d-2", {"web2"}, v1::SUCCEEDED);
  controller_.PutLive("web", 7, "d-2");
  const auto status = Status();
  ASSERT_EQ(status->apps_size(), 3);
  EXPECT_EQ(status->apps(2).app(), "web");
  EXPECT_EQ(status->apps(2).host(), "web2");
}

TEST_F(StatusTest, SaysThatADeploymentIsReplacingWhatIsStopped) {
  GetHostResponse stopped = Running(7);
  stopped.mutable_containers(0)->set_state("exited");
  stopped.mutable_containers(0)->set_exit_code(137);
  AddBeside(stopped, 8);
  Answer("web1", stopped);
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  PutDeployment("d-2", {"web1", "web2"}, v1::RUNNING);
  Hold("d-2");
  state::v1::StepRecord step;
  step.mutable_view()->set_host("web1");
  step.mutable_view()->set_app("web");
  step.mutable_view()->set_phase(v1::RELEASE);
  step.mutable_view()->set_attempt(1);
  ASSERT_TRUE(
      controller_.store().Update([&](auto& txn) { return txn.PutStep("d-2", 0, step); }).ok());
  EXPECT_EQ(StatusOf(stopped).problem(),
            "the container has exited with code 137; v8 runs as container davit-d-2-06")
      << "it is not the turn of web2 yet";
  const auto status = Status();
  EXPECT_EQ(status->apps(0).problem(), "deployment d-2 is replacing it with v8");
  Answer("web1", Running(8));
  EXPECT_EQ(Status()->apps(0).problem(),
            "deployment d-2 has replaced it with v8 and is not over yet");
}

TEST_F(StatusTest, SaysThatTheNewestDeploymentNeedsAttentionUntilOneSucceeds) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  PutDeployment("d-2", {"web1", "web2"}, v1::NEEDS_ATTENTION);
  PutDeployment("d-3", {"web1", "web2"}, v1::FAILED);
  EXPECT_EQ(Status()->apps(0).problem(),
            "deployment d-2, which was to make web v8 live, needs attention: see `davit show "
            "d-2`");
  EXPECT_EQ(Status()->apps(1).problem(), "") << "once is enough";
  PutDeployment("d-4", {"web1", "web2"}, v1::SUCCEEDED);
  EXPECT_EQ(Status()->apps(0).problem(), "");
}

TEST_F(StatusTest, TellsOfARestoreThatNeedsAttentionAtTheAppsThatItStopped) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  PutRestore("d-2", v1::NEEDS_ATTENTION);
  const auto status = Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_THAT(status->apps(0).problem(),
              HasSubstr("d-2, which was to put a backup in the place of its database, needs"));
}

TEST_F(StatusTest, TakesNoRestoreThatSucceededForAMendedRelease) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
  PutDeployment("d-2", {"web1", "web2"}, v1::NEEDS_ATTENTION);
  PutRestore("d-3", v1::SUCCEEDED);
  const auto status = Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_THAT(status->apps(0).problem(), HasSubstr("d-2"));
}

TEST_F(StatusTest, AFirstDeploymentThatNeedsAttentionIsToldWithWhatItLeft) {
  PutDeployment("d-2", {"web1"}, v1::NEEDS_ATTENTION);
  Answer("web1", GetHostResponse());
  ASSERT_EQ(Status()->apps_size(), 1);
  EXPECT_EQ(Status()->apps(0).container_state(), "missing");
  EXPECT_THAT(Status()->apps(0).problem(), HasSubstr("needs attention"));
  GetHostResponse left;
  AddBeside(left, 8);
  Answer("web1", left);
  ASSERT_EQ(Status()->apps_size(), 1);
  EXPECT_EQ(Status()->apps(0).container(), "davit-d-2-06");
  EXPECT_THAT(Status()->apps(0).problem(),
              HasSubstr("no release of web is live by the records; web v8 still runs there"));
  EXPECT_THAT(Status()->apps(0).problem(), HasSubstr("needs attention"));
}

TEST_F(StatusTest, TellsOfAContainerOnAHostThatWasTakenOut) {
  fleet::ScriptedWorker worker;
  const test::FakeClock clock;
  fleet::ThreadTimer timer;
  PutDeployment("d-2", {"web1"}, v1::SUCCEEDED);
  controller_.PutLive("web", 7, "d-2");
  worker::v1::WatchHostResponse report = fleet::ReportOf("24");
  v1::HostApp& app = *report.add_apps();
  app.set_project("shop");
  app.set_environment("dev");
  app.set_app("web");
  app.set_release(6);
  app.set_container("shop-web");
  app.set_state("running");
  *report.add_apps() = app;
  report.mutable_apps(1)->set_environment("production");
  worker.PlayWatch({fleet::Reports(worker, {report})});
  fleet::HostLink link = *controller_.fleet().Connect("web2", "");
  link.monitor =
      std::make_unique<fleet::HostMonitor>(fleet::HostMonitorOptions{.host = "web2"},
                                           MakeChannel(UnixAddress(worker.path())), timer, clock);
  link.monitor->AwaitSettled(absl::Now() + absl::Seconds(20));
  controller_.fleet().Add("web2", std::move(link));
  const auto status = Status();
  controller_.fleet().Remove("web2");  // before the timer ends
  ASSERT_TRUE(status.ok()) << status.status();
  ASSERT_EQ(status->apps_size(), 2);
  EXPECT_EQ(status->apps(1).host(), "web2");
  EXPECT_FALSE(status->apps(1).has_release());
  EXPECT_EQ(status->apps(1).problem(),
            "web2 is not a host of dev any more; web v6 still runs there: to end it, run `docker "
            "rm -f shop-web` on that host");
}

TEST_F(StatusTest, AsksAllHostsAtOnceForTheContainersOfTheEnvironment) {
  controller_.Put("d-1", v1::SUCCEEDED);
  controller_.PutLive("web", 7);
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
  Hold("d-1");
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
  controller_.PutLive("web", 7, "d-2");
  const auto status = Status();
  ASSERT_TRUE(status.ok()) << status.status();
  ASSERT_EQ(status->apps_size(), 1);
  EXPECT_EQ(status->apps(0).container_state(), "unknown");
  EXPECT_THAT(status->apps(0).problem(), HasSubstr("gone"));
}

}  // namespace
}  // namespace davit::api
