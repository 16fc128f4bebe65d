#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "client/commands/testing/test_program.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "davit/v1/deployment_service.grpc.pb.h"
#include "davit/v1/host_service.grpc.pb.h"

namespace davit::commands {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Answers as the test says, and remembers what it was asked.
class ScriptedHosts final : public v1::HostService::Service {
 public:
  void Answer(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    status_ = status;
  }
  void Know(const v1::Host& host) {
    absl::MutexLock lock(&mutex_);
    *hosts_.add_hosts() = host;
  }
  void Differ(const std::string& sentence) {
    absl::MutexLock lock(&mutex_);
    differences_.push_back(sentence);
  }
  // Removing one without force is refused with these.
  void NeedThem(const std::vector<std::string>& uses) {
    absl::MutexLock lock(&mutex_);
    uses_ = uses;
  }
  // The requests, as text on one line each.
  std::vector<std::string> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

  grpc::Status ListHosts(grpc::ServerContext*, const v1::ListHostsRequest* request,
                         v1::ListHostsResponse* response) override {
    return Handle(*request, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { *response = hosts_; });
  }
  grpc::Status GetHost(grpc::ServerContext*, const v1::GetHostRequest* request,
                       v1::GetHostResponse* response) override {
    return HandleFirst(*request, response->mutable_host());
  }
  grpc::Status AddHost(grpc::ServerContext*, const v1::AddHostRequest* request,
                       v1::AddHostResponse* response) override {
    return HandleFirst(*request, response->mutable_host());
  }
  grpc::Status RemoveHost(grpc::ServerContext*, const v1::RemoveHostRequest* request,
                          v1::RemoveHostResponse*) override {
    const grpc::Status status = Handle(*request, [] {});
    absl::MutexLock lock(&mutex_);
    if (!status.ok() || request->force() || uses_.empty()) return status;
    return ToGrpcStatus(FailureStatus(v1::HOST_IN_USE, "the host is in use", uses_));
  }
  grpc::Status AdoptHost(grpc::ServerContext*, const v1::AdoptHostRequest* request,
                         v1::AdoptHostResponse* response) override {
    return Handle(*request, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      *response->mutable_host() = hosts_.hosts(0);
      for (const std::string& sentence : differences_) response->add_differences(sentence);
    });
  }

 private:
  grpc::Status Handle(const google::protobuf::Message& request,
                      const std::function<void()>& answer) {
    absl::MutexLock lock(&mutex_);
    asked_.push_back(request.GetTypeName() + " " + request.ShortDebugString());
    if (status_.ok()) answer();
    return ToGrpcStatus(status_);
  }
  grpc::Status HandleFirst(const google::protobuf::Message& request, v1::Host* host) {
    return Handle(request,
                  [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { *host = hosts_.hosts(0); });
  }

  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  v1::ListHostsResponse hosts_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> differences_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> uses_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mutex_);
};

// Says that nothing is live, and of one app what is the matter when there is something.
class EmptyDeployments final : public v1::DeploymentService::Service {
 public:
  void SayProblem(const std::string& problem) {
    absl::MutexLock lock(&mutex_);
    problem_ = problem;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    absl::MutexLock lock(&mutex_);
    if (!problem_.empty()) response->add_apps()->set_problem(problem_);
    return grpc::Status::OK;
  }

 private:
  absl::Mutex mutex_;
  std::string problem_ ABSL_GUARDED_BY(mutex_);
};

v1::Host Known(const std::string& name, v1::Host::State state) {
  v1::Host host;
  host.set_name(name);
  host.set_address(name + ":7421");
  host.set_state(state);
  if (state == v1::Host::ONLINE) {
    host.mutable_facts()->set_worker_version("0.3.0");
  } else {
    *host.mutable_problem() = MakeFailure(v1::HOST_UNREACHABLE, name + " does not answer");
  }
  return host;
}

class HostsTest : public ProgramTest {
 protected:
  HostsTest() { Serve({&hosts_, &deployments_}); }

  void Serve(const std::vector<grpc::Service*>& services) {
    server_.reset();
    auto server = Server::Start({.listen = {UnixAddress(directory_ + "/s")}, .services = services});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/s";
  }

  ScriptedHosts hosts_;
  EmptyDeployments deployments_;
  std::unique_ptr<Server> server_;
};

TEST_F(HostsTest, AreListedEvenWhenSomeAreAway) {
  hosts_.Know(Known("dev-1", v1::Host::ONLINE));
  hosts_.Know(Known("dev-2", v1::Host::AWAY));
  EXPECT_EQ(Run({"hosts", "list"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\ndev-1  dev-1:7421  online  0.3.0"),
                                HasSubstr("\ndev-2 is away: dev-2 does not answer")));
  const std::string listed = out_.str();
  EXPECT_EQ(Run({"hosts"}), 0) << "the list is what hosts alone means";
  EXPECT_EQ(out_.str(), listed);
}

TEST_F(HostsTest, AreListedForProgramsWithTheNamesOfTheProto) {
  hosts_.Know(Known("dev-1", v1::Host::ONLINE));
  EXPECT_EQ(Run({"hosts", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\"hosts\": ["), HasSubstr("\"worker_version\"")));
  EXPECT_EQ(Run({"hosts", "show", "dev-1", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("{\n \"host\": {\n"));
}

TEST_F(HostsTest, AreAnEmptyListForProgramsWhereThereAreNone) {
  EXPECT_EQ(Run({"hosts", "list", "--json"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "{\n \"hosts\": []\n}\n");
}

TEST_F(HostsTest, SayHowToAddTheFirstToThisController) {
  EXPECT_EQ(Run({"hosts", "--controller", variables_["DAVIT_CONTROLLER"]}), 0);
  EXPECT_THAT(out_.str(),
              HasSubstr("davit hosts add NAME ADDRESS --controller unix:" + directory_ + "/s\n"));
}

TEST_F(HostsTest, AreAddedWithWhoAddedThem) {
  hosts_.Know(Known("dev-1", v1::Host::ONLINE));
  EXPECT_EQ(Run({"hosts", "add", "dev-1", "dev-1:7421", "--replace", "--unchecked"}), 0);
  EXPECT_EQ(out_.str(), "added: dev-1 (dev-1:7421) is online: worker 0.3.0\n");
  EXPECT_THAT(
      hosts_.asked(),
      ElementsAre(AllOf(HasSubstr(R"(AddHostRequest name: "dev-1" address: "dev-1:7421")"),
                        HasSubstr("replace: true unchecked: true added_by: \""), HasSubstr("@"))));
}

TEST_F(HostsTest, WithAnAddressThatIsNoneAreNotAskedFor) {
  EXPECT_EQ(Run({"hosts", "add", "dev-1", "dev-1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("port"));
  EXPECT_EQ(Run({"hosts", "add", "dev-1"}), 2);
  EXPECT_THAT(hosts_.asked(), IsEmpty());
}

TEST_F(HostsTest, ThatDoNotAnswerEndAddAndAdoptWithSix) {
  hosts_.Answer(FailureStatus(v1::HOST_UNREACHABLE, "dev-1 does not answer"));
  EXPECT_EQ(Run({"hosts", "add", "dev-1", "dev-1:7421"}), 6);
  EXPECT_EQ(Run({"hosts", "adopt", "dev-1"}), 6);
  EXPECT_THAT(err_.str(), HasSubstr("HOST_UNREACHABLE"));
}

TEST_F(HostsTest, ThatAreUnknownOrThereAlreadyAreBadInput) {
  hosts_.Answer(FailureStatus(v1::HOST_UNKNOWN, "there is no host dev-9"));
  EXPECT_EQ(Run({"hosts", "show", "dev-9"}), 2);
  EXPECT_EQ(Run({"hosts", "remove", "dev-9"}), 2);
  EXPECT_EQ(Run({"hosts", "adopt", "dev-9"}), 2);
  hosts_.Answer(FailureStatus(v1::HOST_EXISTS, "dev-1 is there"));
  EXPECT_EQ(Run({"hosts", "add", "dev-1", "dev-1:7421"}), 2);
}

TEST_F(HostsTest, AreShownWithTheirProblem) {
  hosts_.Know(Known("dev-2", v1::Host::AWAY));
  EXPECT_EQ(Run({"hosts", "show", "dev-2"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("state    away\n"),
                                HasSubstr("error: dev-2 does not answer (HOST_UNREACHABLE)")));
}

TEST_F(HostsTest, AreRemovedAndTheirContainersGoOn) {
  EXPECT_EQ(Run({"hosts", "remove", "dev-1"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "dev-1 is forgotten; its containers go on\n");
  EXPECT_THAT(hosts_.asked(), ElementsAre(R"(davit.v1.RemoveHostRequest name: "dev-1")"));
  EXPECT_EQ(Run({"hosts", "remove", "dev-1", "--json"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "{}\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(HostsTest, InUseAreRemovedByForceAloneAndWhoNeededThemIsNamed) {
  hosts_.NeedThem({"deployment d-1 goes on there", "web v2 of shop/dev is live there"});
  EXPECT_EQ(Run({"hosts", "remove", "dev-1"}), 1);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("d-1 goes on there"), HasSubstr("--force")));
  EXPECT_EQ(Run({"hosts", "remove", "dev-1", "--force"}), 0) << err_.str();
  EXPECT_EQ(err_.str(),
            "dev-1 is forgotten; its containers go on\n"
            "it was in use: deployment d-1 goes on there\n"
            "it was in use: web v2 of shop/dev is live there\n");
  EXPECT_THAT(hosts_.asked(), Contains(R"(davit.v1.RemoveHostRequest name: "dev-1" force: true)"));
}

TEST_F(HostsTest, ThatCannotBeRemovedAreNotForgottenByForceEither) {
  hosts_.Answer(FailureStatus(v1::HOST_UNKNOWN, "there is no host dev-9"));
  EXPECT_EQ(Run({"hosts", "remove", "dev-9", "--force"}), 2);
  EXPECT_THAT(err_.str(), Not(HasSubstr("forgotten")));
}

TEST_F(HostsTest, AreAdoptedAndWhatDiffersIsSaid) {
  hosts_.Know(Known("dev-1", v1::Host::ONLINE));
  hosts_.Differ("web v2 runs there, which the records do not know");
  EXPECT_EQ(Run({"hosts", "adopt", "dev-1"}), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "adopted: dev-1 (dev-1:7421) is online: worker 0.3.0\n"
            "differs: web v2 runs there, which the records do not know\n");
}

TEST_F(HostsTest, OfAnEnvironmentThatAreAwayAreToldByStatus) {
  Write(
      "project: shop\napps:\n  web: {image: shop/web}\n"
      "environments:\n  dev: {hosts: [dev-1, dev-2]}\n");
  hosts_.Know(Known("dev-1", v1::Host::ONLINE));
  hosts_.Know(Known("dev-2", v1::Host::AWAY));
  hosts_.Know(Known("other", v1::Host::AWAY));
  EXPECT_EQ(Run({"status"}), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "dev-2 is away: dev-2 does not answer (HOST_UNREACHABLE)\nnothing is live\n");
  EXPECT_EQ(Run({"status", "--json"}), 0);
  EXPECT_EQ(out_.str(), "{\n \"apps\": []\n}\n");
}

TEST_F(HostsTest, AreReachedByTheCommandsThatStatusAdvises) {
  Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
  deployments_.SayProblem("d-1 needs attention: see `davit show d-1`");
  const std::string address = variables_["DAVIT_CONTROLLER"];
  variables_.erase("DAVIT_CONTROLLER");
  EXPECT_EQ(Run({"status", "--controller", address}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("see `davit show d-1 --controller " + address + "`"));
}

TEST_F(HostsTest, FitTheTerminal) {
  hosts_.Know(Known("dev-1", v1::Host::ONLINE));
  width_ = 30;
  EXPECT_EQ(Run({"hosts"}), 0);
  EXPECT_THAT(out_.str(), Not(HasSubstr("WORKER")));
}

TEST_F(HostsTest, AreNothingThatAnOlderControllerKnows) {
  Serve({&deployments_});
  EXPECT_EQ(Run({"hosts"}), 1);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("VERSION_SKEW"),
                    HasSubstr("is older than this client and does not know ListHosts")));
  Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
  EXPECT_EQ(Run({"status"}), 0) << "what it does know goes on: " << err_.str();
  EXPECT_EQ(out_.str(), "nothing is live\n");
}

}  // namespace
}  // namespace davit::commands
