#include "worker/steps/text/log_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CorrectLogAdvice, SendsNobodyToLinesThatAreNotThere) {
  for (const v1::FailureCode code :
       {v1::CONTAINER_EXITED, v1::CONTAINER_RESTART_LOOP, v1::HEALTH_TIMEOUT, v1::CHECK_FAILED}) {
    v1::Failure failure = MakeFailure(code, "web exited");
    CorrectLogAdvice(failure);
    EXPECT_THAT(failure.next_command(), Not(HasSubstr("above")));
    EXPECT_NE(failure.next_command(), "");
    EXPECT_THAT(failure.likely_cause(), Not(HasSubstr("last lines")));
  }
  v1::Failure failure = MakeFailure(v1::HEALTH_TIMEOUT, "web did not become healthy");
  CorrectLogAdvice(failure);
  EXPECT_EQ(failure.next_command(), "raise `attempts` or `timeout`");
}

TEST(CorrectLogAdvice, LeavesAdviceWhereThereAreLines) {
  v1::Failure failure = MakeFailure(v1::CONTAINER_EXITED, "web exited");
  failure.add_log_tail("out of luck");
  const std::string before = failure.SerializeAsString();
  CorrectLogAdvice(failure);
  EXPECT_EQ(failure.SerializeAsString(), before);
}

TEST(CorrectLogAdvice, LeavesOtherAdviceAlone) {
  v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 80 is taken");
  const std::string before = failure.SerializeAsString();
  CorrectLogAdvice(failure);
  EXPECT_EQ(failure.SerializeAsString(), before);
}

}  // namespace
}  // namespace davit::steps
