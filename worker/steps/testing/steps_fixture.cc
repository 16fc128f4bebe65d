#include "worker/steps/testing/steps_fixture.h"

#include <utility>

#include "absl/time/clock.h"

namespace davit::steps {

void Recorder::Progress(v1::StepProgress progress) {
  absl::MutexLock lock(&mutex_);
  progress_.push_back(std::move(progress));
}

void Recorder::Log(v1::StepLog log) {
  absl::MutexLock lock(&mutex_);
  logs_.push_back(std::move(log));
}

void Recorder::ShowsOutputWith(const std::vector<std::string>& secrets) {
  absl::MutexLock lock(&mutex_);
  shown_secrets_.insert(shown_secrets_.end(), secrets.begin(), secrets.end());
}

std::vector<std::string> Recorder::shown_secrets() const {
  absl::MutexLock lock(&mutex_);
  return shown_secrets_;
}

std::vector<v1::StepProgress> Recorder::progress() const {
  absl::MutexLock lock(&mutex_);
  return progress_;
}

std::vector<v1::StepLog> Recorder::logs() const {
  absl::MutexLock lock(&mutex_);
  return logs_;
}

std::string Recorder::text() const {
  std::string text;
  for (const v1::StepLog& log : logs()) text += log.data();
  return text;
}

bool Recorder::AwaitProgress() const {
  absl::MutexLock lock(&mutex_);
  const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !progress_.empty(); };
  return mutex_.AwaitWithTimeout(absl::Condition(&any), absl::Minutes(1));
}

void StepsTest::SetUp() {
  const auto image = test::ImportBusyboxImage(image_, {"/bin/sleep", "1000"});
  ASSERT_TRUE(image.ok()) << image.status();
  image_id_ = *image;
  environment_.engine = &engine_;
  environment_.state_directory = directory_.path();
  runners_ = MakeRunners(environment_);
}

std::string StepsTest::ImageName(absl::string_view suffix) {
  std::string name = Name(suffix) + ":v1";
  other_images_.push_back(std::make_unique<test::ScopedImage>(name));
  return name;
}

worker::v1::ContainerSpec StepsTest::Spec(const std::vector<std::string>& command) const {
  worker::v1::ContainerSpec spec;
  spec.set_service_name(Name("web"));
  spec.set_image(image_id_);
  for (const std::string& word : command) spec.add_command(word);
  (*spec.mutable_labels())["davit.test"] = label_;
  return spec;
}

StepContext StepsTest::Context(const std::string& step_id) const {
  StepContext context;
  context.key.set_cluster_id("cluster");
  context.key.set_project("shop");
  context.key.set_environment("dev");
  context.key.set_deployment_id(label_);
  context.key.set_step_id(Name(step_id));
  context.key.set_attempt(1);
  context.call.deadline = absl::Now() + absl::Minutes(1);
  return context;
}

absl::StatusOr<worker::v1::StepOutputs> StepsTest::Run(const worker::v1::StepSpec& spec,
                                                       const StepContext& context) {
  return runners_.at(spec.kind_case())->Run(spec, context, reporter_);
}

v1::Failure StepsTest::Fail(const worker::v1::StepSpec& spec, const StepContext& context) {
  const auto result = Run(spec, context);
  EXPECT_FALSE(result.ok()) << result->ShortDebugString();
  return result.ok() ? v1::Failure() : FailureOf(result.status());
}

std::string StepsTest::Start(const std::string& name, const worker::v1::ContainerSpec& spec,
                             const std::string& policy) {
  const auto id = engine_.CreateContainer(name, spec, policy, test::TestCall());
  EXPECT_TRUE(id.ok()) << id.status();
  if (!id.ok()) return "";
  const absl::Status started = engine_.StartContainer(*id, test::TestCall());
  EXPECT_TRUE(started.ok()) << started;
  return *id;
}

docker::ContainerDetails StepsTest::Inspect(const std::string& container) {
  auto details = engine_.InspectContainer(container, test::TestCall());
  EXPECT_TRUE(details.ok()) << details.status();
  return details.ok() ? *std::move(details) : docker::ContainerDetails();
}

bool StepsTest::Exists(const std::string& container) {
  return engine_.InspectContainer(container, test::TestCall()).ok();
}

bool StepsTest::WaitForState(const std::string& container, const std::string& state) {
  const Call call = test::TestCall();
  do {
    if (Inspect(container).observed.state() == state) return true;
  } while (!HasFailure() && call.Wait(absl::Milliseconds(20)).ok());
  return false;
}

std::string StepsTest::Output(const std::string& container) {
  std::string output;
  EXPECT_TRUE(engine_
                  .Logs(container, {}, test::TestCall(),
                        [&output](docker::LogLine line) {
                          output += line.text + "\n";
                          return true;
                        })
                  .ok());
  return output;
}

}  // namespace davit::steps
