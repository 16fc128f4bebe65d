#include "client/commands/invocation/exit_code.h"

#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::commands {
namespace {

v1::Deployment Ended(v1::DeploymentState state, v1::FailureCode code = v1::INTERNAL) {
  v1::Deployment deployment;
  deployment.set_state(state);
  deployment.mutable_failure()->set_code(code);
  return deployment;
}

TEST(ExitCode, TellsHowADeploymentEnded) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::SUCCEEDED)), 0);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLED_BACK)), 3);
  EXPECT_EQ(ExitCodeOf(Ended(v1::NEEDS_ATTENTION)), 4);
  EXPECT_EQ(ExitCodeOf(Ended(v1::CANCELLED)), 7);
}

TEST(ExitCode, TellsAHostThatDoesNotAnswerFromOtherFailures) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::HOST_UNREACHABLE)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::CONTROLLER_UNREACHABLE)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::HOST_NOT_ADOPTED)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::NOT_AUTHORISED)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::DOCKER_UNREACHABLE)), 6);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLED_BACK, v1::HOST_UNREACHABLE)), 3);
}

TEST(ExitCode, OfADatabaseFollowsWhatWasChanged) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::DATABASE_UNREACHABLE)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::BACKUP_FAILED)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::FAILED, v1::MIGRATION_FAILED)), 1);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLED_BACK, v1::MIGRATION_FAILED)), 3);
  EXPECT_EQ(ExitCodeOf(Ended(v1::NEEDS_ATTENTION, v1::MIGRATION_FAILED)), 4);
  // A rollback that is refused.
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SCHEMA_NOT_SAFE, "")), 1);
}

TEST(ExitCode, OfADeploymentThatGoesOnSaysSo) {
  EXPECT_EQ(ExitCodeOf(Ended(v1::RUNNING)), 8);
  EXPECT_EQ(ExitCodeOf(Ended(v1::ROLLING_BACK)), 8);
}

TEST(ExitCode, TellsWhyACommandFailed) {
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SPEC_INVALID, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::NOT_FOUND, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_UNKNOWN, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_EXISTS, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_IN_USE, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::LOCK_HELD, "")), 5);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::CONTROLLER_UNREACHABLE, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_UNREACHABLE, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::HOST_NOT_ADOPTED, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::NOT_AUTHORISED, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::DOCKER_UNREACHABLE, "")), 6);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::WRONG_STATE, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SECRET_MISSING, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::VARIABLE_MISSING, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::FILE_FORMAT, "")), 2);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::SECRET_KEY_UNUSABLE, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::CONTAINER_NOT_OURS, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::BUILD_FAILED, "")), 1);
  EXPECT_EQ(ExitCodeOf(FailureStatus(v1::ONE_OFF_INTERRUPTED, "")), 4);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
}

}  // namespace
}  // namespace davit::commands
