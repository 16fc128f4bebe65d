#ifndef DAVIT_CLIENT_LOCAL_CALL_COUNTER_H_
#define DAVIT_CLIENT_LOCAL_CALL_COUNTER_H_

#include <memory>

#include "client/local/idle_monitor.h"
#include "grpcpp/support/server_interceptor.h"

namespace davit::local {

// Tells `monitor`, which outlives the server, of each call's begin and end.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallCounter(
    IdleMonitor& monitor);

}  // namespace davit::local

#endif  // DAVIT_CLIENT_LOCAL_CALL_COUNTER_H_
