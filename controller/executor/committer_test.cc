#include "controller/executor/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/executor/executor_fixture.h"

namespace davit::executor {
namespace {

using ::testing::ElementsAre;

// Counts the savepoints of each commit.
class CountingStore final : public store::Store {
 public:
  absl::Status View(absl::FunctionRef<absl::Status(store::ReadTxn&)> fn) override {
    return memory_.View(fn);
  }
  absl::Status Update(absl::FunctionRef<absl::Status(store::Txn&)> fn) override {
    return memory_.Update(fn);
  }
  std::vector<absl::Status> UpdateEach(absl::Span<const UpdateFn> fns) override {
    savepoints.push_back(fns.size());
    return memory_.UpdateEach(fns);
  }

  std::vector<size_t> savepoints;

 private:
  store::MemoryStore memory_;
};

class CommitterTest : public ::testing::Test {
 protected:
  std::string Create(const std::string& environment) {
    CreateWork create;
    create.request = RequestFor(environment, absl::StrCat("request for ", environment));
    const auto outcomes = committer_.Commit({std::move(create)});
    EXPECT_TRUE(outcomes[0].status.ok()) << outcomes[0].status;
    store_.savepoints.clear();
    return outcomes[0].deployment_id;
  }

  // Of the first step of a deployment; leads to one event.
  static Work Progress(const std::string& deployment_id) {
    core::StepProgressed input{1, {}};
    input.progress.set_step_id(absl::StrCat(deployment_id, "-01"));
    return InputWork{deployment_id, input};
  }

  std::vector<int64_t> Sequences(const std::string& id, int64_t after) {
    std::vector<int64_t> sequences;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      const auto events = txn.ReadEvents(id, after, 100);
      for (const v1::Event& event : *events) sequences.push_back(event.sequence());
      return events.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return sequences;
  }

  // Nothing can be written as this event any more.
  void Occupy(const std::string& id, int64_t sequence) {
    v1::Event event;
    event.set_deployment_id(id);
    event.set_sequence(sequence);
    const absl::Status status =
        store_.Update([&](store::Txn& txn) { return txn.AppendEvents({event}); });
    EXPECT_TRUE(status.ok()) << status;
  }

  test::FakeClock clock_;
  FakeWorkers workers_;
  CountingStore store_;
  const std::unique_ptr<fleet::Fleet> fleet_ = workers_.Connect({"a"});
  Committer committer_{store_, *fleet_, clock_};
};

TEST_F(CommitterTest, WritesTheInputsOfEachDeploymentTogetherAndInOrder) {
  const std::string one = Create("dev");
  const std::string two = Create("staging");
  const int64_t last = Sequences(one, 0).back();
  const auto outcomes =
      committer_.Commit({Progress(one), Progress(two), Progress(one), Progress(two)});
  for (const Outcome& outcome : outcomes) EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(store_.savepoints, ElementsAre(2));
  EXPECT_THAT(Sequences(one, last), ElementsAre(last + 1, last + 2));
  EXPECT_EQ(outcomes[0].last_sequence, last + 1);
  EXPECT_EQ(outcomes[2].last_sequence, last + 2);
}

TEST_F(CommitterTest, KeepsACancellationBetweenTheInputsAroundIt) {
  const std::string id = Create("dev");
  const auto outcomes =
      committer_.Commit({Progress(id), CancelWork{id, "ada@desk", nullptr}, Progress(id)});
  for (const Outcome& outcome : outcomes) EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(store_.savepoints, ElementsAre(3));
  EXPECT_LT(outcomes[0].last_sequence, outcomes[1].last_sequence);
  EXPECT_LT(outcomes[1].last_sequence, outcomes[2].last_sequence);
}

TEST_F(CommitterTest, KeepsNoneOfTheInputsThatAreWrittenTogetherWhenOneFails) {
  const std::string broken = Create("dev");
  const std::string whole = Create("staging");
  const int64_t last = Sequences(broken, 0).back();
  Occupy(broken, last + 2);
  const auto outcomes = committer_.Commit({Progress(broken), Progress(whole), Progress(broken)});
  EXPECT_FALSE(outcomes[0].status.ok());
  EXPECT_TRUE(outcomes[1].status.ok()) << outcomes[1].status;
  EXPECT_FALSE(outcomes[2].status.ok());
  EXPECT_THAT(Sequences(broken, last), ElementsAre(last + 2));
}

TEST_F(CommitterTest, KeepsTheInputsBeforeOneThatFailsWhenTheyAreWrittenOneByOne) {
  const std::string id = Create("dev");
  const int64_t last = Sequences(id, 0).back();
  Occupy(id, last + 2);
  const auto outcomes =
      committer_.Commit({Progress(id), Progress(id)}, Committer::Writing::kOneByOne);
  EXPECT_TRUE(outcomes[0].status.ok()) << outcomes[0].status;
  EXPECT_FALSE(outcomes[1].status.ok());
  EXPECT_THAT(Sequences(id, last), ElementsAre(last + 1, last + 2));
}

}  // namespace
}  // namespace davit::executor
