// WatchHost, from the client's end to an engine's socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "common/failure/failure.h"
#include "tests/support/listener.h"
#include "worker/service/scripted_engine.h"
#include "worker/service/service_fixture.h"

namespace davit::service {
namespace {

using worker::v1::WatchHostResponse;

constexpr absl::Duration kNever = absl::Hours(1);
constexpr absl::Duration kOften = absl::Milliseconds(20);

class HostWatchTest : public ServiceTest {
 protected:
  HostWatchTest() { host_reports_ = {.interval = kNever, .look = kOften}; }

  std::string socket() const { return directory_ / "docker.sock"; }
  void StartWorker() {
    Start([](const auto&, const auto&, auto&) { return Done(); }, socket());
  }
  // An engine with nothing but what it says of itself.
  void StartEngine() {
    engine_.emplace(socket());
    engine_->Answer("/info", absl::StrCat(R"({"ID": "1", "ServerVersion": "26.1.4",
        "OSType": "linux", "Architecture": "x86_64", "OperatingSystem": "Debian GNU/Linux 12",
        "NCPU": 4, "MemTotal": 8000000000, "DockerRootDir": ")",
                                          directory_.string(), "\"}"));
    engine_->Answer("/containers/json", "[]");
  }
  void AddContainer(const std::string& id, const std::string& app, const std::string& state) {
    containers_[id] = absl::StrCat(R"({"Id": ")", id, R"(", "State": ")", state, "\"}");
    engine_->Answer(absl::StrCat("/containers/", id, "/json"),
                    absl::StrCat(R"({"Id": ")", id, R"(", "Name": "/)", app, R"(-1",
        "State": {"Status": ")",
                                 state, R"(", "Health": {"Status": "healthy"},
                  "StartedAt": "2024-05-01T10:00:00Z"},
        "Config": {"Labels": {"davit.project": "shop", "davit.environment": "dev",
                   "davit.app": ")",
                                 app, R"(", "davit.release": "7",
                   "davit.deployment": "d-1"}}})"));
    std::string list;
    for (const auto& [key, entry] : containers_) {
      absl::StrAppend(&list, list.empty() ? "" : ", ", entry);
    }
    engine_->Answer("/containers/json", absl::StrCat("[", list, "]"));
  }

  std::optional<ScriptedEngine> engine_;
  std::map<std::string, std::string> containers_;
};

TEST_F(HostWatchTest, TellsWhatTheHostIsAndWhatRunsThere) {
  StartEngine();
  AddContainer("c2", "web", "running");
  AddContainer("c1", "api", "exited");
  AddContainer("c3", "api", "running");
  StartWorker();
  EXPECT_EQ(List().steps_size(), 0);
  EXPECT_EQ(engine_->requests(), 0) << "nobody watches";
  HostStream stream(*stub_);
  const WatchHostResponse report = stream.Next();
  EXPECT_EQ(report.journal_id().size(), 32u);
  EXPECT_FALSE(report.has_docker_failure());
  EXPECT_FALSE(report.follows_another());
  const v1::HostFacts& facts = report.facts();
  EXPECT_LT(absl::Now() - absl::FromUnixSeconds(facts.time().seconds()), absl::Minutes(1));
  EXPECT_FALSE(facts.worker_version().empty());
  EXPECT_EQ(facts.docker_version(), "26.1.4");
  EXPECT_EQ(facts.platform(), "linux/amd64");
  EXPECT_EQ(facts.operating_system(), "Debian GNU/Linux 12");
  EXPECT_EQ(facts.cpus(), 4);
  EXPECT_EQ(facts.memory_bytes(), 8'000'000'000);
  EXPECT_GT(facts.disk_total_bytes(), facts.disk_free_bytes());
  EXPECT_GT(facts.disk_free_bytes(), 0);
  ASSERT_EQ(report.apps_size(), 3);
  EXPECT_EQ(report.apps(0).app(), "api");
  EXPECT_EQ(report.apps(1).app(), "api");
  const v1::HostApp& web = report.apps(2);
  EXPECT_EQ(web.project(), "shop");
  EXPECT_EQ(web.environment(), "dev");
  EXPECT_EQ(web.app(), "web");
  EXPECT_EQ(web.release(), 7);
  EXPECT_EQ(web.deployment_id(), "d-1");
  EXPECT_EQ(web.container(), "web-1");
  EXPECT_EQ(web.state(), "running");
  EXPECT_EQ(web.health(), "healthy");
  EXPECT_EQ(web.start_time().seconds(), 1'714'557'600);
}

TEST_F(HostWatchTest, ReportsAgainWhenTheIntervalIsOver) {
  host_reports_ = {.interval = absl::Milliseconds(100), .look = kOften};
  StartEngine();
  StartWorker();
  HostStream stream(*stub_);
  const auto time_of = [](const WatchHostResponse& report) {
    return absl::FromUnixSeconds(report.facts().time().seconds()) +
           absl::Nanoseconds(report.facts().time().nanos());
  };
  const absl::Time first = time_of(stream.Next()), second = time_of(stream.Next());
  EXPECT_GT(second, first) << "nothing has changed, and it is looked at anew";
}

TEST_F(HostWatchTest, ReportsAChangeWithoutWaitingForTheInterval) {
  StartEngine();
  AddContainer("c1", "web", "running");
  StartWorker();
  HostStream stream(*stub_);
  EXPECT_EQ(stream.Next().apps(0).state(), "running");
  AddContainer("c1", "web", "exited");
  EXPECT_EQ(stream.Next().apps(0).state(), "exited");
}

TEST_F(HostWatchTest, ReportsThatDockerDiedAndThatItCameBack) {
  StartEngine();
  AddContainer("c1", "web", "running");
  StartWorker();
  HostStream stream(*stub_);
  EXPECT_FALSE(stream.Next().has_docker_failure());
  engine_.reset();
  const WatchHostResponse dead = stream.Next();
  EXPECT_EQ(dead.docker_failure().code(), v1::DOCKER_UNREACHABLE);
  EXPECT_EQ(dead.facts().docker_version(), "");
  EXPECT_EQ(dead.facts().platform(), "");
  EXPECT_GT(dead.facts().disk_total_bytes(), 0) << "the disk is there still";
  EXPECT_EQ(dead.apps_size(), 0);
  StartEngine();
  const WatchHostResponse back = stream.Next();
  EXPECT_FALSE(back.has_docker_failure());
  EXPECT_EQ(back.facts().docker_version(), "26.1.4");
}

TEST_F(HostWatchTest, SaysAtOnceThatThereIsNoDocker) {
  StartWorker();
  HostStream stream(*stub_);
  const WatchHostResponse report = stream.Next();
  EXPECT_EQ(report.docker_failure().code(), v1::DOCKER_UNREACHABLE);
  EXPECT_FALSE(report.facts().worker_version().empty());
}

TEST_F(HostWatchTest, IsNotHeldUpByAnEngineThatHangs) {
  host_reports_ = {.interval = absl::ZeroDuration(), .look = kOften};
  const test::SilentListener engine(socket());
  StartWorker();
  HostStream first(*stub_);
  WatchHostResponse report = first.Next();
  EXPECT_EQ(report.docker_failure().code(), v1::DOCKER_UNREACHABLE);
  EXPECT_THAT(report.docker_failure().message(), ::testing::HasSubstr("not answered within 3s"));
  // Who comes then does not wait for the next one, which takes seconds again.
  const auto comes_at_once = [&] {
    return HostStream(*stub_).Next().SerializeAsString() == report.SerializeAsString();
  };
  bool known = comes_at_once();
  for (int i = 0; i < 3 && !known; ++i) {
    report = first.Next();
    known = comes_at_once();
  }
  EXPECT_TRUE(known) << "there is a report already";
}

TEST_F(HostWatchTest, TellsWhoIsNotFollowed) {
  StartEngine();
  StartWorker();
  worker::v1::RunStepRequest step = PullRequest("s-01");
  step.set_controller_id("first");
  EXPECT_TRUE(StepStream(*stub_, step).Status().ok());
  HostStream first(*stub_, "first"), second(*stub_, "second"), nameless(*stub_);
  EXPECT_FALSE(first.Next().follows_another());
  EXPECT_TRUE(second.Next().follows_another());
  EXPECT_TRUE(nameless.Next().follows_another());
  ASSERT_TRUE(Adopt("second").ok());
  EXPECT_TRUE(first.Next().follows_another());
  EXPECT_FALSE(second.Next().follows_another());
}

TEST_F(HostWatchTest, EndsWithTheServerAtOnce) {
  StartEngine();
  StartWorker();
  HostStream first(*stub_), second(*stub_);
  EXPECT_FALSE(first.Next().journal_id().empty());
  const absl::Time begin = absl::Now();
  End();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20)) << "and not with its clients' deadline";
  EXPECT_FALSE(first.Status().ok());
  EXPECT_FALSE(second.Status().ok());
}

// A call that goes while a report is being written must end once, and only once.
TEST_F(HostWatchTest, OutlivesClientsThatGoAtAnyMoment) {
  host_reports_ = {.interval = absl::ZeroDuration(), .look = absl::Milliseconds(1)};
  StartEngine();
  StartWorker();
  for (int i = 0; i < 200; ++i) {
    HostStream stream(*stub_);
    if (i % 2 == 0) {
      EXPECT_FALSE(stream.Next().journal_id().empty());
    }
    if (i % 3 == 0) stream.Break();
  }
  EXPECT_FALSE(HostStream(*stub_).Next().journal_id().empty());
}

}  // namespace
}  // namespace davit::service
