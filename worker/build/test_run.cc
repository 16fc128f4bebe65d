#include "worker/build/test_run.h"

#include <deque>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "common/id.h"
#include "worker/docker/json.h"

namespace davit::builder {
namespace {

constexpr size_t kTailLines = 50;
constexpr size_t kTailLineBytes = 1024;
constexpr absl::Duration kEndPollInterval = absl::Milliseconds(50);

// Valid UTF-8, whatever a program has written.
std::string TailLine(const std::string& line) {
  return docker::StringAt(
      *docker::ParseJson(docker::DumpJson({{"line", line.substr(0, kTailLineBytes)}})), "line");
}

// Runs the container and hears it out.
class TestRun {
 public:
  TestRun(docker::Engine& engine, std::string name, const Call& call, BuildOutput& output)
      : engine_(engine), name_(std::move(name)), call_(call), output_(output) {}

  absl::StatusOr<docker::ContainerDetails> Run() {
    absl::Status status = engine_.StartContainer(name_, call_);
    if (status.ok()) status = Listen();
    if (!status.ok()) return status;
    while (true) {
      auto details = engine_.InspectContainer(name_, call_);
      if (!details.ok()) return details.status();
      const std::string& state = details->observed.state();
      if (state == "exited" || state == "dead") return engine_.InspectEnded(name_, call_);
      if (absl::Status wait = call_.Wait(kEndPollInterval); !wait.ok()) return wait;
    }
  }
  const std::deque<std::string>& tail() const { return tail_; }

 private:
  absl::Status Listen() {
    docker::LogOptions options;
    options.follow = true;
    options.timestamps = false;
    return engine_.Logs(name_, options, call_, [this](const docker::LogLine& line) {
      output_.Lines(absl::StrCat(line.text, line.goes_on ? "" : "\n"));
      if (!is_rest_) tail_.push_back(line.text);
      is_rest_ = line.goes_on;
      if (tail_.size() > kTailLines) tail_.pop_front();
      return true;
    });
  }

  docker::Engine& engine_;
  const std::string name_;
  const Call call_;
  BuildOutput& output_;
  std::deque<std::string> tail_;
  bool is_rest_ = false;  // whether the next one is the rest of a long line
};

absl::Status Failed(const std::string& command, const docker::ContainerDetails& details,
                    const std::deque<std::string>& tail) {
  v1::Failure failure = MakeFailure(v1::TEST_FAILED, absl::StrCat("the test failed: ", command),
                                    {absl::StrCat("exit code: ", details.observed.exit_code())});
  if (details.oom_killed) {
    failure.add_evidence("it was killed for using too much memory");
    failure.set_likely_cause("the host has not enough memory for it");
  }
  if (!details.error.empty()) failure.add_evidence(absl::StrCat("Docker: ", details.error));
  for (const std::string& line : tail) failure.add_log_tail(TailLine(line));
  return FailureStatus(failure);
}

// An engine that does not answer, or a build that is over, is no failing test.
absl::Status CouldNotRun(const std::string& command, const absl::Status& status) {
  if (absl::IsCancelled(status) || absl::IsDeadlineExceeded(status) ||
      IsFailure(status, v1::DOCKER_UNREACHABLE)) {
    return status;
  }
  const v1::Failure inner = FailureOf(status);
  v1::Failure failure =
      MakeFailure(v1::TEST_FAILED, absl::StrCat("the test cannot be run: ", command),
                  {inner.evidence().begin(), inner.evidence().end()});
  failure.set_likely_cause(inner.likely_cause());
  failure.set_next_command("correct `build.test`");
  return FailureStatus(failure);
}

}  // namespace

absl::Status RunTest(docker::Engine& engine, const std::string& image,
                     const std::vector<std::string>& command,
                     const std::map<std::string, std::string>& labels, const Call& call,
                     BuildOutput& output) {
  worker::v1::ContainerSpec spec;
  spec.set_image(image);
  spec.mutable_command()->Assign(command.begin(), command.end());
  spec.mutable_labels()->insert(labels.begin(), labels.end());
  // Read while it is written, so it must not be rotated.
  spec.set_log_driver("json-file");
  const std::string text = absl::StrJoin(command, " ");
  const std::string name = absl::StrCat(kTestNamePrefix, NewRandomId());
  const absl::Cleanup remove = [&] { engine.RemoveWithVolumes(name).IgnoreError(); };
  const auto created = engine.CreateContainer(name, spec, "no", call);
  if (!created.ok()) return CouldNotRun(text, created.status());
  TestRun run(engine, name, call, output);
  const auto details = run.Run();
  if (!details.ok()) return CouldNotRun(text, details.status());
  return details->observed.exit_code() == 0 ? absl::OkStatus() : Failed(text, *details, run.tail());
}

}  // namespace davit::builder
