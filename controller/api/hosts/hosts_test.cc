#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/tls/test_ca.h"
#include "controller/api/hosts/handlers.h"
#include "controller/api/testing/test_controller.h"
#include "controller/fleet/scripted_worker.h"

namespace davit::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::AddHostRequest AddRequest(const std::string& name, const std::string& address) {
  v1::AddHostRequest request;
  request.set_name(name);
  request.set_address(address);
  request.set_added_by("ann@laptop");
  return request;
}

std::vector<std::string> NamesOf(const v1::ListHostsResponse& response) {
  std::vector<std::string> names;
  for (const v1::Host& host : response.hosts()) names.push_back(host.name());
  return names;
}

// Handlers over real links to a worker that does what the test says.
class HostsTest : public ::testing::Test {
 protected:
  HostsTest() : fleet_(fleet::MakeDial(Options(), timer_, clock_)) {
    context_.patience = absl::Seconds(20);
  }

  fleet::DialOptions Options() {
    fleet::DialOptions options;
    options.connect =
        [](const std::string&,
           const std::string& address) -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
      const auto parsed = ParseAddress(address);
      if (!parsed.ok()) return parsed.status();
      return MakeChannel(*parsed);
    };
    options.explain = [](const std::string&, const std::string&, absl::Time) {
      return std::vector<std::string>{"nobody listens"};
    };
    options.backoff = {absl::Milliseconds(1), absl::Milliseconds(10), nullptr};
    return options;
  }

  std::string address() const { return "unix:" + worker_.path(); }
  std::string nowhere() const { return "unix:" + worker_.path() + "-none"; }

  void Answers() { worker_.PlayWatch({fleet::Reports(worker_, {fleet::ReportOf("24.0")})}); }
  void FollowsAnother() {
    auto report = fleet::ReportOf("24.0");
    report.set_follows_another(true);
    worker_.PlayWatch(
        {fleet::Reports(worker_, {report}), fleet::Reports(worker_, {fleet::ReportOf("24.0")})});
  }

  std::vector<std::string> Listed() { return NamesOf(*ListHosts(context_, {})); }

  absl::Status Remove(const std::string& name, bool force = false) {
    v1::RemoveHostRequest request;
    request.set_name(name);
    request.set_force(force);
    return RemoveHost(context_, request).status();
  }

  // A deployment of shop/dev.
  void PutDeployment(const std::string& id, const std::string& host, v1::DeploymentState state) {
    state::v1::DeploymentRecord record;
    record.mutable_view()->set_id(id);
    record.mutable_view()->set_project("shop");
    record.mutable_view()->set_environment("dev");
    record.mutable_view()->set_state(state);
    record.mutable_view()->add_hosts(host);
    record.set_request_id("request of " + id);
    const absl::Status put =
        store_.Update([&](store::Txn& txn) { return txn.PutDeployment(record); });
    ASSERT_TRUE(put.ok()) << put;
  }

  // shop/dev on web1: a deployment, its lock, and a live release.
  void Deploy(v1::DeploymentState state) {
    PutDeployment("d-1", "web1", state);
    state::v1::LockRecord lock;
    lock.set_project("shop");
    lock.set_environment("dev");
    lock.set_fence(1);
    state::v1::ReleaseRecord release;
    release.mutable_view()->set_project("shop");
    release.mutable_view()->set_environment("dev");
    release.mutable_view()->set_app("web");
    release.mutable_view()->set_number(7);
    release.mutable_view()->set_deployment_id("d-1");
    release.mutable_view()->set_live(true);
    const absl::Status put = store_.Update([&](store::Txn& txn) {
      absl::Status status = txn.PutLock(lock);
      if (status.ok()) status = txn.PutRelease(release);
      return status;
    });
    ASSERT_TRUE(put.ok()) << put;
  }

  store::MemoryStore store_;
  test::FakeClock clock_;
  fleet::ThreadTimer timer_;
  fleet::ScriptedWorker worker_;
  fleet::Fleet fleet_;
  HostContext context_{store_, fleet_, clock_};
};

TEST_F(HostsTest, TakesAHostUpAsItsWorkerDescribesIt) {
  Answers();
  const auto added = AddHost(context_, AddRequest("web1", address()));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->host().state(), v1::Host::ONLINE);
  EXPECT_EQ(added->host().facts().docker_version(), "24.0");
  EXPECT_EQ(added->host().added_by(), "ann@laptop");
  EXPECT_EQ(added->host().address(), address());
  EXPECT_EQ(added->host().add_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_THAT(Listed(), ElementsAre("web1"));
  EXPECT_TRUE(fleet_.Find("web1").ok());
}

TEST_F(HostsTest, TakesNoHostUpWhoseWorkerDoesNotAnswerAndSaysWhy) {
  const absl::Status status = AddHost(context_, AddRequest("web1", nowhere())).status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNREACHABLE)) << status;
  EXPECT_THAT(FailureOf(status).evidence(), Contains("nobody listens"));
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_FALSE(fleet_.Find("web1").ok());
}

TEST_F(HostsTest, TakesAHostUpUnseenWhenItIsToldTo) {
  auto request = AddRequest("web1", nowhere());
  request.set_unchecked(true);
  const auto added = AddHost(context_, request);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_NE(added->host().state(), v1::Host::ONLINE);
  EXPECT_THAT(Listed(), ElementsAre("web1"));
}

TEST_F(HostsTest, TakesNoWorkerUpThatIsTooOld) {
  const absl::Status status = AddHost(context_, AddRequest("web1", address())).status();
  EXPECT_TRUE(IsFailure(status, v1::VERSION_SKEW)) << status;
}

TEST_F(HostsTest, TakesAWorkerUpThatMustBeAdopted) {
  FollowsAnother();
  const auto added = AddHost(context_, AddRequest("web1", address()));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->host().state(), v1::Host::REFUSED);
  EXPECT_EQ(added->host().problem().code(), v1::HOST_NOT_ADOPTED);
}

TEST_F(HostsTest, SaysEverythingThatIsWrongWithAHost) {
  for (const char* name : {"", "-web", "web_1", "web 1", "web."}) {
    const absl::Status status = AddHost(context_, AddRequest(name, address())).status();
    EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr("the name"));
    EXPECT_EQ(FailureOf(status).evidence_size(), 0) << "once is enough";
  }
  EXPECT_THAT(std::string(AddHost(context_, AddRequest("web_1", address())).status().message()),
              HasSubstr("'_' cannot be in it"));
  const absl::Status both = AddHost(context_, AddRequest("web_1", "somewhere")).status();
  EXPECT_EQ(FailureOf(both).evidence_size(), 2);
  EXPECT_TRUE(IsFailure(AddHost(context_, AddRequest("web1", "web1.example.com:0")).status(),
                        v1::SPEC_INVALID));
}

TEST_F(HostsTest, GivesAHostAnotherAddressOnlyWhenItIsToldTo) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  auto request = AddRequest("web1", nowhere());
  request.set_unchecked(true);
  const absl::Status exists = AddHost(context_, request).status();
  EXPECT_TRUE(IsFailure(exists, v1::HOST_EXISTS)) << exists;
  EXPECT_THAT(FailureOf(exists).evidence(), ElementsAre(HasSubstr(address())));
  request.set_replace(true);
  ASSERT_TRUE(AddHost(context_, request).ok());
  v1::GetHostRequest get;
  get.set_name("web1");
  EXPECT_EQ(GetHost(context_, get)->host().address(), nowhere());
}

TEST_F(HostsTest, AddsAHostOfTheSameNameAndAddressOnce) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  auto again = AddRequest("web1", address());
  again.set_added_by("bob@laptop");
  const auto added = AddHost(context_, again);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->host().state(), v1::Host::ONLINE);
  EXPECT_EQ(added->host().added_by(), "ann@laptop");
  EXPECT_EQ(worker_.watches(), 1) << "nothing was dialled";
}

TEST_F(HostsTest, TakesNoWorkerUpUnderTwoNames) {
  auto report = fleet::ReportOf("24.0");
  report.set_journal_id("journal-1");
  worker_.PlayWatch({fleet::Reports(worker_, {report})});
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  const absl::Status status = AddHost(context_, AddRequest("web2", address())).status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_EXISTS)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("is that of host web1 already"));
  EXPECT_THAT(FailureOf(status).next_command(), HasSubstr("`davit hosts remove web1`"));
  EXPECT_THAT(Listed(), ElementsAre("web1"));
  auto replace = AddRequest("web1", address());
  replace.set_replace(true);
  EXPECT_TRUE(AddHost(context_, replace).ok()) << "its own name";
}

TEST_F(HostsTest, GivesAHostNoOtherAddressWhileADeploymentGoesOnThere) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  Deploy(v1::RUNNING);
  auto request = AddRequest("web1", address());
  request.set_replace(true);
  EXPECT_TRUE(IsFailure(AddHost(context_, request).status(), v1::HOST_IN_USE));
}

TEST_F(HostsTest, ForgetsAHostThatNobodyNeeds) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  EXPECT_TRUE(Remove("web1").ok());
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_FALSE(fleet_.Find("web1").ok());
  EXPECT_TRUE(IsFailure(Remove("web1"), v1::HOST_UNKNOWN));
}

TEST_F(HostsTest, ForgetsAHostWithALiveReleaseOnlyByForce) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  Deploy(v1::SUCCEEDED);
  const absl::Status used = Remove("web1");
  EXPECT_TRUE(IsFailure(used, v1::HOST_IN_USE)) << used;
  EXPECT_THAT(FailureOf(used).evidence(), ElementsAre("web v7 of shop/dev is live there"));
  EXPECT_THAT(FailureOf(used).next_command(), HasSubstr("take web1 out of `hosts`"));
  EXPECT_THAT(Listed(), ElementsAre("web1"));
  EXPECT_TRUE(Remove("web1", true).ok());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(HostsTest, ADeploymentThatFailedTakesNoHostOutOfUse) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  Deploy(v1::SUCCEEDED);
  PutDeployment("d-2", "web2", v1::FAILED);
  EXPECT_TRUE(IsFailure(Remove("web1"), v1::HOST_IN_USE));
}

TEST_F(HostsTest, ForgetsAHostWhereAContainerRunsOnlyByForce) {
  auto report = fleet::ReportOf("24.0");
  for (const char* state : {"running", "exited"}) {
    v1::HostApp& app = *report.add_apps();
    app.set_project("shop");
    app.set_environment("dev");
    app.set_app("web");
    app.set_release(24);
    app.set_container(std::string("shop-web-") + state);
    app.set_state(state);
  }
  worker_.PlayWatch({fleet::Reports(worker_, {report})});
  ASSERT_TRUE(AddHost(context_, AddRequest("web3", address())).ok());
  Deploy(v1::SUCCEEDED);  // on another host
  const absl::Status used = Remove("web3");
  EXPECT_TRUE(IsFailure(used, v1::HOST_IN_USE)) << used;
  EXPECT_THAT(FailureOf(used).evidence(),
              ElementsAre("web v24 of shop/dev runs there (container shop-web-running)"));
  EXPECT_THAT(FailureOf(used).next_command(), HasSubstr("`docker rm -f shop-web-running` on web3"));
  EXPECT_TRUE(Remove("web3", true).ok());
}

TEST_F(HostsTest, NamesTheDeploymentThatNeedsAHost) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  Deploy(v1::RUNNING);
  EXPECT_THAT(FailureOf(Remove("web1")).evidence(), Contains("deployment d-1 goes on there"));
  EXPECT_THAT(FailureOf(Remove("web1")).next_command(), HasSubstr("`davit cancel d-1`"));
}

TEST_F(HostsTest, ListsHostsThatAreAwayWithoutWaitingForThem) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  auto request = AddRequest("web0", nowhere());
  request.set_unchecked(true);
  ASSERT_TRUE(AddHost(context_, request).ok());
  const auto listed = ListHosts(context_, {});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(NamesOf(*listed), ElementsAre("web0", "web1"));
  EXPECT_NE(listed->hosts(0).state(), v1::Host::ONLINE);
  EXPECT_EQ(listed->hosts(1).state(), v1::Host::ONLINE);
}

TEST_F(HostsTest, ExplainsWhyAHostIsAwayWhenItIsLookedAt) {
  auto request = AddRequest("web1", nowhere());
  request.set_unchecked(true);
  ASSERT_TRUE(AddHost(context_, request).ok());
  fleet_.Monitor("web1")->AwaitSettled(absl::Now() + absl::Seconds(20));
  v1::GetHostRequest get;
  get.set_name("web1");
  const auto shown = GetHost(context_, get);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->host().state(), v1::Host::AWAY);
  EXPECT_THAT(shown->host().problem().evidence(), Contains("nobody listens"));
}

TEST_F(HostsTest, NamesTheHostsThatThereAreWhenOneIsUnknown) {
  Answers();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  v1::GetHostRequest get;
  get.set_name("wbe1");
  const absl::Status status = GetHost(context_, get).status();
  EXPECT_TRUE(IsFailure(status, v1::HOST_UNKNOWN));
  EXPECT_THAT(FailureOf(status).evidence(), ElementsAre("it knows: web1"));
}

TEST_F(HostsTest, AnAgentTakesUpNoHostsButShowsItsOwn) {
  context_.fixed_hosts = {{"local", "unix:/worker.sock"}};
  EXPECT_TRUE(
      IsFailure(AddHost(context_, AddRequest("web1", address())).status(), v1::WRONG_STATE));
  EXPECT_TRUE(IsFailure(Remove("local", true), v1::WRONG_STATE));
  EXPECT_THAT(Listed(), ElementsAre("local"));
}

TEST_F(HostsTest, AdoptsAWorkerAndSaysHowItIsThen) {
  FollowsAnother();
  ASSERT_TRUE(AddHost(context_, AddRequest("web1", address())).ok());
  worker::v1::AdoptControllerRequest asked;
  worker_.on_adopt = [&](const auto& request, worker::v1::AdoptControllerResponse& response) {
    asked = request;
    response.add_forgotten()->mutable_key()->set_step_id("d-9-01");
    auto* fence = response.add_fences();
    fence->set_project("shop");
    fence->set_environment("dev");
    fence->set_fence(41);
    return grpc::Status::OK;
  };
  worker_.on_get_host = [](grpc::ServerContext&, worker::v1::GetHostResponse&) {
    return grpc::Status::OK;
  };
  v1::AdoptHostRequest request;
  request.set_name("web1");
  const auto adopted = AdoptHost(context_, request);
  ASSERT_TRUE(adopted.ok()) << adopted.status();
  EXPECT_EQ(adopted->host().state(), v1::Host::ONLINE);
  EXPECT_THAT(adopted->differences(), ElementsAre(HasSubstr("d-9-01")));
  const absl::Status read = store_.View([&](store::ReadTxn& txn) {
    EXPECT_EQ(asked.cluster_id(), txn.Identity()->cluster_id);
    EXPECT_EQ(asked.controller_id(), txn.Identity()->controller_id);
    EXPECT_EQ((*txn.GetLock("shop", "dev"))->fence(), 41);
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok());
}

TEST_F(HostsTest, DoesNotAdoptAHostThatIsAwayOrUnknown) {
  v1::AdoptHostRequest request;
  request.set_name("web1");
  EXPECT_TRUE(IsFailure(AdoptHost(context_, request).status(), v1::HOST_UNKNOWN));
  auto add = AddRequest("web1", nowhere());
  add.set_unchecked(true);
  ASSERT_TRUE(AddHost(context_, add).ok());
  EXPECT_TRUE(IsFailure(AdoptHost(context_, request).status(), v1::HOST_UNREACHABLE));
}

TEST(HostService, AsksAHostThatIsNotWatched) {
  TestController controller;
  controller.PutHost("web1");
  worker::v1::WatchHostResponse report = fleet::ReportOf("24.0");
  report.add_apps()->set_app("web");
  controller.worker("web1").report = report;
  v1::GetHostRequest get;
  get.set_name("web1");
  v1::GetHostResponse shown;
  ASSERT_TRUE(controller.hosts().GetHost(Patiently().get(), get, &shown).ok());
  EXPECT_EQ(shown.host().state(), v1::Host::ONLINE);
  EXPECT_EQ(shown.host().facts().docker_version(), "24.0");
  ASSERT_EQ(shown.host().apps_size(), 1);
  controller.worker("web1").report = FailureStatus(v1::HOST_UNREACHABLE, "no answer");
  ASSERT_TRUE(controller.hosts().GetHost(Patiently().get(), get, &shown).ok());
  EXPECT_EQ(shown.host().state(), v1::Host::AWAY);
  EXPECT_EQ(shown.host().problem().message(), "no answer");
}

TEST(HostService, AnswersOverItsSocket) {
  TestController controller;
  controller.PutHost("web1");
  v1::ListHostsResponse listed;
  EXPECT_TRUE(controller.hosts().ListHosts(Patiently().get(), {}, &listed).ok());
  EXPECT_THAT(NamesOf(listed), ElementsAre("web1"));
  v1::AddHostResponse added;
  EXPECT_TRUE(
      controller.hosts().AddHost(Patiently().get(), AddRequest("web3", "unix:/web3"), &added).ok());
  EXPECT_EQ(added.host().added_by(), "ann@laptop");
  v1::GetHostRequest get;
  get.set_name("web9");
  v1::GetHostResponse shown;
  const grpc::Status status = controller.hosts().GetHost(Patiently().get(), get, &shown);
  EXPECT_TRUE(IsFailure(FromGrpcStatus(status), v1::HOST_UNKNOWN));
}

TEST(HostService, RecordsTheCertificateThatACallCameWith) {
  TestController controller;
  const test::TestCa ca;
  auto server = Server::Start({.listen = {TcpAddress("127.0.0.1", 0)},
                               .tls = ca.Issue("controller"),
                               .allow = {"ci"},
                               .services = controller.services()});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = MakeChannel((*server)->addresses()[0], ca.Issue("ci"), "controller");
  v1::AddHostResponse added;
  const auto hosts = v1::HostService::NewStub(channel);
  EXPECT_TRUE(hosts->AddHost(Patiently().get(), AddRequest("web3", "unix:/web3"), &added).ok());
  EXPECT_EQ(added.host().added_by(), "ann@laptop (certificate ci)");

  v1::CreateDeploymentRequest create;
  *create.mutable_deployment()->mutable_spec() = ShopSpec();
  create.mutable_deployment()->set_submitted_by("ann@laptop");
  create.set_request_id("request-1");
  v1::CreateDeploymentResponse created;
  const auto deployments = v1::DeploymentService::NewStub(channel);
  EXPECT_TRUE(deployments->CreateDeployment(Patiently().get(), create, &created).ok());
  EXPECT_EQ(created.deployment().submitted_by(), "ann@laptop (certificate ci)");
}

TEST_F(HostsTest, SaysWhatKeepsAnAddressFromBeingDialled) {
  fleet::Fleet fleet([](const std::string&, const std::string&) -> absl::StatusOr<fleet::HostLink> {
    return absl::FailedPreconditionError("there is no certificate");
  });
  const HostContext context{store_, fleet, clock_};
  const absl::Status status =
      AddHost(context, AddRequest("web1", "web1.example.com:7380")).status();
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("there is no certificate"));
}

}  // namespace
}  // namespace davit::api
