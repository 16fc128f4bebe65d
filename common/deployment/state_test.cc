#include "common/deployment/state.h"

#include <gtest/gtest.h>

namespace davit {
namespace {

TEST(IsTerminal, SaysWhichStatesOfADeploymentAreItsLast) {
  for (const auto state : {v1::PENDING, v1::RUNNING, v1::ROLLING_BACK}) {
    EXPECT_FALSE(IsTerminal(state)) << v1::DeploymentState_Name(state);
  }
  for (const auto state :
       {v1::SUCCEEDED, v1::ROLLED_BACK, v1::FAILED, v1::CANCELLED, v1::NEEDS_ATTENTION}) {
    EXPECT_TRUE(IsTerminal(state)) << v1::DeploymentState_Name(state);
  }
}

TEST(IsTerminal, SaysWhichStatesOfAStepAreItsLast) {
  for (const auto state : {v1::STEP_PENDING, v1::STEP_STARTED}) {
    EXPECT_FALSE(IsTerminal(state)) << v1::StepState_Name(state);
  }
  for (const auto state : {v1::STEP_SUCCEEDED, v1::STEP_WARNED, v1::STEP_FAILED, v1::STEP_CANCELLED,
                           v1::STEP_UNKNOWN_OUTCOME, v1::STEP_SKIPPED}) {
    EXPECT_TRUE(IsTerminal(state)) << v1::StepState_Name(state);
  }
}

}  // namespace
}  // namespace davit
