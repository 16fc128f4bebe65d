#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "controller/executor/executor_fixture.h"

// What an executor does when there is much to do.
namespace davit::executor {
namespace {

int ThreadsOfThisProcess() {
  int threads = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    (void)task;
    ++threads;
  }
  return threads;
}

std::vector<std::string> HostsNamed(int count) {
  std::vector<std::string> hosts;
  for (int i = 0; i < count; ++i) hosts.push_back(absl::StrCat("host", i));
  return hosts;
}

TEST_F(ExecutorTest, HasNoThreadForEachHost) {
  workers_.Hold("observe");
  const auto threads_with = [&](int hosts, int streams) {
    Restart(HostsNamed(hosts));
    const std::string environment = absl::StrCat("env", hosts);
    EXPECT_TRUE(executor_->Create(RequestFor(environment, environment, HostsNamed(hosts))).ok());
    EXPECT_TRUE(workers_.AwaitHeld("observe", streams));
    return ThreadsOfThisProcess();
  };
  // A joined thread may still be listed for a moment.
  const int with_one = threads_with(1, 1);
  EXPECT_LT(threads_with(1000, 1 + 1000), with_one + 20);
}

TEST_F(ExecutorTest, CarriesSixtyFourDeploymentsAtOnce) {
  constexpr int kDeployments = 64;
  std::vector<std::string> ids(kDeployments);
  std::vector<std::thread> clients;
  workers_.Log("start_container", 20);
  for (int i = 0; i < kDeployments; ++i) {
    clients.emplace_back([this, i, &ids] {
      const auto created = executor_->Create(
          RequestFor(absl::StrCat("env", i), absl::StrCat("request-", i), {"a", "b"}));
      ASSERT_TRUE(created.ok()) << created.status();
      ids[i] = created->id();
    });
  }
  for (std::thread& client : clients) client.join();
  for (const std::string& id : ids) {
    EXPECT_EQ(Await(id, v1::SUCCEEDED), v1::SUCCEEDED);
    const auto events = Events(id);
    EXPECT_EQ(events.back().sequence(), static_cast<int64_t>(events.size()));
  }
  for (const auto& [step, times] : workers_.Begun()) EXPECT_EQ(times, 1) << step;
}

TEST_F(ExecutorTest, LetsOneOfManyEqualRequestsWin) {
  workers_.Hold("observe");
  std::vector<std::thread> clients;
  std::atomic<int> winners = 0;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([this, i, &winners] {
      if (executor_->Create(RequestFor("dev", absl::StrCat("request-", i))).ok()) ++winners;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(ExecutorTest, CancelsBeforeTheLogsThatWait) {
  // Callers give up at once, so that the test knows their requests to be queued.
  options_.patience = absl::ZeroDuration();
  Restart({"a"});
  workers_.Hold("start_container");
  executor_->Create(RequestFor("dev", "request-1", {"a"})).IgnoreError();
  ASSERT_TRUE(workers_.AwaitHeld("start_container"));
  const std::string id = IdOf("request-1");
  const std::string step_id = workers_.Runs("start_container")[0].key().step_id();

  // A commit hangs. A thousand lines, and then a cancellation, come in behind it.
  store_.HoldCommits();
  EXPECT_FALSE(executor_->Create(RequestFor("other", "request-2", {"a"})).ok());
  ASSERT_TRUE(store_.AwaitHungCommit());
  workers_.SayLines(step_id, 1000);
  EXPECT_FALSE(executor_->Cancel(id, "bob@desk").ok());
  store_.LetCommitsGo();
  ASSERT_EQ(Await(id, v1::CANCELLED), v1::CANCELLED);

  int lines_before = 0;
  for (const v1::Event& event : Events(id)) {
    if (event.deployment().cancel_requested()) break;
    lines_before += event.has_log() ? 1 : 0;
  }
  EXPECT_EQ(lines_before, 0);
}

}  // namespace
}  // namespace davit::executor
