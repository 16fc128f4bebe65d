#include "common/rpc/runtime.h"

#include <grpc/grpc.h>

namespace davit {

void KeepGrpcRunning() {
  static const bool started = [] {
    grpc_init();
    return true;
  }();
  static_cast<void>(started);
}

}  // namespace davit
