#include "client/commands/invocation/end_on_interrupt.h"

#include "absl/time/time.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kInterruptTick = absl::Milliseconds(100);

}  // namespace

EndOnInterrupt::EndOnInterrupt(grpc::ClientContext& context)
    : thread_([this, &context] {
        absl::MutexLock lock(&mutex_);
        while (!done_ && !interrupt_.requested()) {
          mutex_.AwaitWithTimeout(absl::Condition(&done_), kInterruptTick);
        }
        if (!done_) context.TryCancel();
      }) {}

EndOnInterrupt::~EndOnInterrupt() {
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }
  thread_.join();
}

}  // namespace davit::commands
