#include "worker/steps/one_off/output.h"

#include <system_error>

#include "absl/time/time.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kFollowAgain = absl::Milliseconds(300);

}  // namespace

OneOffOutput::OneOffOutput(docker::Engine* engine, const std::string& container_id,
                           const StepContext& context, StepReporter* reporter)
    : follower_(engine, container_id, /*since_unix_nanos=*/0, context, reporter) {
  try {
    thread_ = std::thread([this] { FollowUntilStopped(); });
  } catch (const std::system_error&) {
    // Without a thread the output comes all at once, at the end.
  }
}

OneOffOutput::~OneOffOutput() { Stop(); }

void OneOffOutput::FollowUntilStopped() {
  do {
    // Whatever ended it, what has come after is asked for again.
    follower_.Follow(Call{.cancel = &stop_}).IgnoreError();
  } while (!stop_.WaitFor(kFollowAgain));
}

void OneOffOutput::Stop() {
  stop_.Cancel();
  if (thread_.joinable()) thread_.join();
}

absl::Status OneOffOutput::Finish(const Call& call) {
  Stop();
  return follower_.ReadToEnd(call);
}

}  // namespace davit::steps
