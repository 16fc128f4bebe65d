#include "worker/steps/patient_runner.h"

#include <gtest/gtest.h>

#include <functional>

#include "absl/time/clock.h"
#include "common/failure/failure.h"

namespace davit::steps {
namespace {

using worker::v1::StepOutputs;
using worker::v1::StepSpec;
using Script = std::function<absl::StatusOr<StepOutputs>(const StepContext&)>;

class ScriptedRunner final : public StepRunner {
 public:
  explicit ScriptedRunner(Script script) : script_(std::move(script)) {}
  absl::StatusOr<StepOutputs> Run(const StepSpec&, const StepContext& context,
                                  StepReporter&) override {
    return script_(context);
  }

 private:
  const Script script_;
};

class LastPhase final : public StepReporter {
 public:
  void Progress(v1::StepProgress progress) override { phase = progress.phase(); }
  void Log(v1::StepLog) override {}
  std::string phase;
};

absl::Status NoDocker() { return FailureStatus(v1::DOCKER_UNREACHABLE, "no answer"); }

absl::StatusOr<StepOutputs> RunPatiently(Script script, const Call& call, StepReporter& reporter) {
  StepContext context;
  context.call = call;
  return MakePatient(std::make_unique<ScriptedRunner>(std::move(script)))
      ->Run(StepSpec(), context, reporter);
}

TEST(PatientRunner, GoesOnAsResumedOnceDockerAnswersAgain) {
  int runs = 0;
  LastPhase reporter;
  const auto result = RunPatiently(
      [&](const StepContext& context) -> absl::StatusOr<StepOutputs> {
        EXPECT_EQ(context.resumed, runs > 0);
        if (++runs == 1) return NoDocker();
        return StepOutputs();
      },
      Call{absl::Now() + absl::Minutes(1)}, reporter);
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(reporter.phase, "Docker does not answer; trying again");
}

TEST(PatientRunner, SaysThatDockerIsAwayWhenTheStepHasNoTimeLeft) {
  LastPhase reporter;
  const auto result =
      RunPatiently([](const StepContext&) { return NoDocker(); }, Call{absl::Now()}, reporter);
  EXPECT_TRUE(IsFailure(result.status(), v1::DOCKER_UNREACHABLE)) << result.status();
}

TEST(PatientRunner, EndsWhenItIsCancelled) {
  LastPhase reporter;
  CancelToken token;
  const auto result = RunPatiently(
      [&](const StepContext&) {
        token.Cancel();
        return NoDocker();
      },
      Call{absl::InfiniteFuture(), &token}, reporter);
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
}

TEST(PatientRunner, PassesOtherFailuresOn) {
  int runs = 0;
  LastPhase reporter;
  const auto result = RunPatiently(
      [&](const StepContext&) {
        ++runs;
        return FailureStatus(v1::PORT_IN_USE, "taken");
      },
      Call{absl::Now() + absl::Minutes(1)}, reporter);
  EXPECT_TRUE(IsFailure(result.status(), v1::PORT_IN_USE));
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace davit::steps
