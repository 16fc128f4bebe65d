#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_END_ON_INTERRUPT_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_END_ON_INTERRUPT_H_

#include <grpcpp/client_context.h>

#include <thread>

#include "absl/synchronization/mutex.h"
#include "client/commands/invocation/interrupt.h"

namespace davit::commands {

// While it lives, ends the call as soon as the user wants to leave.
class EndOnInterrupt {
 public:
  // `context` outlives it.
  explicit EndOnInterrupt(grpc::ClientContext& context);
  ~EndOnInterrupt();
  EndOnInterrupt(const EndOnInterrupt&) = delete;
  EndOnInterrupt& operator=(const EndOnInterrupt&) = delete;

  bool requested() const { return interrupt_.requested(); }

 private:
  const InterruptScope interrupt_;
  absl::Mutex mutex_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_END_ON_INTERRUPT_H_
