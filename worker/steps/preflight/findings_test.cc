#include "worker/steps/preflight/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::steps {
namespace {

TEST(Findings, AreOneFailureWithTheFirstOnesCodeAndEachOnesRemedy) {
  Findings findings;
  findings.Add(absl::OkStatus());
  EXPECT_TRUE(findings.ToStatus().ok());
  v1::Failure space = MakeFailure(v1::DISK_FULL, "little space", {"free: 1 MB"});
  space.set_likely_cause("logs");
  space.set_next_command("make space");
  findings.Add(space);
  EXPECT_EQ(FailureOf(findings.ToStatus()).message(), "little space");
  v1::Failure port = MakeFailure(v1::PORT_IN_USE, "port 80 is taken", {"by nginx"});
  port.clear_likely_cause();
  port.set_next_command("stop nginx");
  findings.Add(port);
  const v1::Failure both = FailureOf(findings.ToStatus());
  EXPECT_EQ(both.code(), v1::DISK_FULL);
  EXPECT_THAT(both.evidence(),
              ::testing::ElementsAre("DISK_FULL: little space", "  free: 1 MB", "  likely: logs",
                                     "  next: make space", "PORT_IN_USE: port 80 is taken",
                                     "  by nginx", "  next: stop nginx"));
  EXPECT_EQ(both.likely_cause(), "") << "it would be that of one of them";
}

}  // namespace
}  // namespace davit::steps
