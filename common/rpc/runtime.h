#ifndef DAVIT_COMMON_RPC_RUNTIME_H_
#define DAVIT_COMMON_RPC_RUNTIME_H_

namespace davit {

// Keeps gRPC's own threads until the process ends. Without it gRPC stops them
// whenever the last channel or server goes, and waits up to 10 s for a poller of
// its own that nobody wakes (gRPC 1.51, tcp_posix.cc: run_poller).
void KeepGrpcRunning();

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_RUNTIME_H_
