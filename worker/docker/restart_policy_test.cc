#include "worker/docker/restart_policy.h"

#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::docker {
namespace {

TEST(RestartPolicy, ComesBackAsItWasGiven) {
  for (const char* policy : {"no", "always", "unless-stopped", "on-failure", "on-failure:5"}) {
    const auto json = RestartPolicyJson(policy);
    ASSERT_TRUE(json.ok()) << json.status();
    EXPECT_EQ(RestartPolicyText(*json), policy);
  }
}

TEST(RestartPolicy, IsNoWhereNothingIsSaid) {
  EXPECT_EQ(RestartPolicyText(*RestartPolicyJson("")), "no");
  EXPECT_EQ(RestartPolicyText(Json()), "no");
  EXPECT_EQ(RestartPolicyText(Json{{"Name", ""}, {"MaximumRetryCount", 0}}), "no");
}

TEST(RestartPolicy, RefusesOthers) {
  for (const char* policy :
       {"sometimes", "on-failure:", "on-failure:x", "on-failure:-1", "Always", "always:3"}) {
    EXPECT_TRUE(IsFailure(RestartPolicyJson(policy).status(), v1::CONTAINER_REFUSED)) << policy;
  }
}

}  // namespace
}  // namespace davit::docker
