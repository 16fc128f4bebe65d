#ifndef DAVIT_COMMON_RPC_RUNTIME_H_
#define DAVIT_COMMON_RPC_RUNTIME_H_

namespace davit {

// Keeps gRPC's own threads until the process ends. Without it gRPC stops them
// whenever the last channel or server goes; it then waits up to 10 s for a poller
// of its own that nobody wakes (gRPC 1.51, tcp_posix.cc: run_poller), and
// sometimes frees the queue of the callback API under the thread that reads it,
// which aborts (channel_cc.cc: CallbackAlternativeCQ::Unref).
void KeepGrpcRunning();

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_RUNTIME_H_
