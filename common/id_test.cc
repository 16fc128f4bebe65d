#include "common/id.h"

#include <gtest/gtest.h>

#include <set>

namespace davit {
namespace {

TEST(DeploymentId, SortsInTheOrderOfCreation) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_LT(NewDeploymentId(now), NewDeploymentId(now + absl::Milliseconds(1)));
  EXPECT_EQ(NewDeploymentId(now).size(), 22u);
}

TEST(DeploymentId, IsUniqueWithinAMillisecond) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewDeploymentId(absl::FromUnixSeconds(1)));
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(StepIdTest, CountsFromOne) {
  EXPECT_EQ(StepId("d-1", 0), "d-1-01");
  EXPECT_EQ(StepId("d-1", 119), "d-1-120");
}

}  // namespace
}  // namespace davit
