#ifndef DAVIT_COMMON_RPC_RUNTIME_H_
#define DAVIT_COMMON_RPC_RUNTIME_H_

#include "absl/strings/string_view.h"

namespace davit {

// Keeps gRPC's own threads until the process ends. Without it gRPC stops them
// whenever the last channel or server goes; it then waits up to 10 s for a poller
// of its own that nobody wakes (gRPC 1.51, tcp_posix.cc: run_poller), and
// sometimes frees the queue of the callback API under the thread that reads it,
// which aborts (channel_cc.cc: CallbackAlternativeCQ::Unref).
//
// Built for users, it also spares absl's search for deadlocks, which Debian's library
// does at each lock: a twentieth of a busy controller's time.
//
// From then on gRPC's own messages go to the sink of SetGrpcLog, or nowhere without
// one: a user is told in the failure what is wrong, and not in gRPC's words before it.
// With GRPC_VERBOSITY in the environment they go to standard error as ever.
void KeepGrpcRunning();

// Takes a message of gRPC's: why it refused a connection, say. Called on any thread.
using GrpcLogSink = void (*)(bool is_error, absl::string_view message);
void SetGrpcLog(GrpcLogSink sink);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_RUNTIME_H_
