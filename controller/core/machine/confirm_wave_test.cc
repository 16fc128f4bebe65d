#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "controller/core/machine/state_machine.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using ::testing::Each;

// web v2 is released on three hosts, one after the other, and is healthy on each. Then, before
// it is confirmed, its container ends on one of them.
class ConfirmWave : public ::testing::TestWithParam<std::string> {
 protected:
  ConfirmWave() {
    for (const std::string& host : deployment_.hosts) {
      hosts_[host].containers["shop-web"] = OursOf("web", 1);
    }
    before_ = hosts_;
  }

  void Run() {
    state_ = MakeState(deployment_, kNow);
    Feed(Submitted{});
    while (const auto index = FindRunning()) Finish(*index);
  }

  std::vector<v1::StepState> StatesOf(const std::string& kind) const {
    std::vector<v1::StepState> states;
    for (const state::v1::StepRecord& step : state_.steps) {
      if (step.view().kind() == kind) states.push_back(step.view().state());
    }
    return states;
  }

  const v1::Deployment& View() const { return state_.record.view(); }

  TestDeployment deployment_ = {.hosts = {"h1", "h2", "h3"}, .previous = {{"web", 1}}};
  std::map<std::string, ModelHost> hosts_, before_;
  DeploymentState state_;
  std::vector<state::v1::ReleaseRecord> releases_;

 private:
  void Feed(const Input& input) {
    Transition transition = Apply(std::move(state_), input, kNow);
    state_ = std::move(transition.next);
    releases_.insert(releases_.end(), transition.releases.begin(), transition.releases.end());
  }

  std::optional<size_t> FindRunning() const {
    for (size_t i = 0; i < state_.steps.size(); ++i) {
      if (state_.steps[i].view().state() == v1::STEP_STARTED) return i;
    }
    return std::nullopt;
  }

  void Finish(size_t index) {
    const state::v1::StepRecord step = state_.steps[index];
    if (step.view().phase() == v1::CONFIRM && !has_ended_) {
      hosts_[GetParam()].containers["shop-web"].running = false;
      has_ended_ = true;
    }
    Feed(StepFinished{step.view().id(), step.view().attempt(),
                      hosts_[step.view().host()].Run(step.view().id(), step.spec())});
  }

  bool has_ended_ = false;
};

TEST_P(ConfirmWave, PutsTheOldReleaseBackOnAllHosts) {
  Run();
  EXPECT_EQ(View().state(), v1::ROLLED_BACK);
  EXPECT_EQ(View().failure().code(), v1::CONTAINER_EXITED);
  for (const auto& [name, host] : hosts_) {
    EXPECT_TRUE(host.SameAs(before_.at(name))) << name << ": " << host.Describe();
  }
  EXPECT_EQ(StatesOf("put_back"), std::vector<v1::StepState>(3, v1::STEP_SUCCEEDED));
  EXPECT_THAT(StatesOf("prune"), Each(v1::STEP_SKIPPED)) << "what is put back was still there";
  ASSERT_EQ(releases_.size(), 1);
  EXPECT_FALSE(releases_[0].view().live());
}

TEST_P(ConfirmWave, LeavesTheOldOnesThereWhereNothingIsPutBack) {
  deployment_.automatic = false;
  Run();
  EXPECT_EQ(View().state(), v1::NEEDS_ATTENTION);
  EXPECT_EQ(View().failure().code(), v1::CONTAINER_EXITED);
  EXPECT_THAT(StatesOf("prune"), Each(v1::STEP_SKIPPED));
  for (const auto& [name, host] : hosts_) {
    EXPECT_EQ(host.containers.count("shop-web-replaced-d-1"), 1) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(OnEachHost, ConfirmWave, ::testing::Values("h1", "h2", "h3"),
                         [](const auto& host) { return host.param; });

}  // namespace
}  // namespace davit::core
