#include "common/rpc/runtime.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/refusals.h"

namespace davit {
namespace {

// A call that fails at once makes its channel take the queue that all callbacks
// share; the channel is never given back, and so neither is the queue.
struct CallbackQueueHold {
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateChannel("unix:/dev/null", grpc::InsecureChannelCredentials());
  grpc::GenericStub stub{channel};
  grpc::ClientContext context;
  const grpc::Slice empty;
  const grpc::ByteBuffer request{&empty, 1};
  grpc::ByteBuffer response;

  void Take() {
    stub.UnaryCall(&context, "/davit.Runtime/Hold", grpc::StubOptions(), &request, &response,
                   [](const grpc::Status&) {});
  }
};

std::atomic<GrpcLogSink> grpc_log_sink = nullptr;

void TakeMessage(gpr_log_func_args* message) {
  // The last words before an abort.
  if (absl::StartsWith(message->message, "assertion failed")) {
    std::fprintf(stderr, "%s:%d: %s\n", message->file, message->line, message->message);
  }
  if (const auto refusal = RefusalIn(message->message)) TellRefusal(*refusal);
  if (const GrpcLogSink sink = grpc_log_sink) {
    sink(message->severity == GPR_LOG_SEVERITY_ERROR, message->message);
  }
}

}  // namespace

void SetGrpcLog(GrpcLogSink sink) { grpc_log_sink = sink; }

void KeepGrpcRunning() {
  static const CallbackQueueHold* const hold = [] {
#ifdef NDEBUG
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
    if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function(TakeMessage);
    grpc_init();
    auto* const made = new CallbackQueueHold;
    made->Take();
    return made;
  }();
  static_cast<void>(hold);
}

}  // namespace davit
