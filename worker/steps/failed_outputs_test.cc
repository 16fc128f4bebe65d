#include "worker/steps/failed_outputs.h"

#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::steps {
namespace {

TEST(FailedOutputs, GoWithTheFailure) {
  worker::v1::StepOutputs outputs;
  outputs.mutable_migration()->set_meaning(v1::SCHEMA_UNSAFE);
  const absl::Status status =
      WithOutputs(FailureStatus(v1::MIGRATION_FAILED, "no", {"a fact"}), outputs);
  EXPECT_TRUE(IsFailure(status, v1::MIGRATION_FAILED));
  EXPECT_EQ(FailureOf(status).evidence(0), "a fact");
  EXPECT_EQ(OutputsOf(status)->migration().meaning(), v1::SCHEMA_UNSAFE);
}

TEST(FailedOutputs, GoWithACancellation) {
  const absl::Status status = WithOutputs(absl::CancelledError("stop"), {});
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_TRUE(OutputsOf(status).has_value());
}

TEST(FailedOutputs, AreNotThereUnlessGiven) {
  EXPECT_FALSE(OutputsOf(FailureStatus(v1::MIGRATION_FAILED, "no")).has_value());
}

}  // namespace
}  // namespace davit::steps
