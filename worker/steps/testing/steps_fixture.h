#ifndef DAVIT_WORKER_STEPS_TESTING_STEPS_FIXTURE_H_
#define DAVIT_WORKER_STEPS_TESTING_STEPS_FIXTURE_H_

// For tests: runners on the real engine, with an image and names of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"
#include "tests/support/docker.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unique.h"
#include "worker/steps/registry.h"
#include "worker/steps/runners.h"

namespace davit::steps {

// Keeps what a step reports.
class Recorder final : public StepReporter {
 public:
  void Progress(v1::StepProgress progress) override;
  void Log(v1::StepLog log) override;
  void ShowsOutputWith(const std::vector<std::string>& secrets) override;

  std::vector<v1::StepProgress> progress() const;
  std::vector<v1::StepLog> logs() const;
  std::string text() const;  // of all logs
  std::vector<std::string> shown_secrets() const;
  // Whether there is any progress, within a minute.
  bool AwaitProgress() const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<v1::StepProgress> progress_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::StepLog> logs_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> shown_secrets_ ABSL_GUARDED_BY(mutex_);
};

class StepsTest : public ::testing::Test {
 protected:
  void SetUp() override;

  // A name that only this test has.
  std::string Name(absl::string_view suffix) const { return absl::StrCat(label_, "-", suffix); }
  // The reference of another image of the test, which is removed when its containers are.
  std::string ImageName(absl::string_view suffix);
  // A container of the test's image that carries its label.
  worker::v1::ContainerSpec Spec(const std::vector<std::string>& command = {"/bin/sleep",
                                                                            "1000"}) const;
  StepContext Context(const std::string& step_id) const;

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context);
  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec) {
    return Run(spec, Context("step"));
  }
  // The failure that the step must end with.
  v1::Failure Fail(const worker::v1::StepSpec& spec, const StepContext& context);
  v1::Failure Fail(const worker::v1::StepSpec& spec) { return Fail(spec, Context("step")); }

  // A running container; its id.
  std::string Start(const std::string& name, const worker::v1::ContainerSpec& spec,
                    const std::string& policy = "no");
  docker::ContainerDetails Inspect(const std::string& container);
  bool Exists(const std::string& container);
  bool WaitForState(const std::string& container, const std::string& state);
  std::string Output(const std::string& container);

  docker::Engine& engine_ = test::TestEngine();
  const std::string label_ = test::UniqueName("davit-steps");
  const std::string image_ = absl::StrCat(label_, ":v1");
  std::string image_id_;
  const test::TempDir directory_;
  RunnerEnvironment environment_;
  Runners runners_;
  Recorder reporter_;

 private:
  const test::ScopedImage remove_image_{image_};
  std::vector<std::unique_ptr<test::ScopedImage>> other_images_;
  const test::ScopedLabel remove_containers_{"davit.test", label_};
};

MATCHER_P(HasCode, code, "") {
  *result_listener << v1::FailureCode_Name(arg.code()) << ": " << arg.ShortDebugString();
  return arg.code() == code;
}
// Some entry of the failure's evidence contains the text.
MATCHER_P(Shows, text, "") {
  *result_listener << arg.ShortDebugString();
  for (const std::string& fact : arg.evidence()) {
    if (fact.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_TESTING_STEPS_FIXTURE_H_
