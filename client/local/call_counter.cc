#include "client/local/call_counter.h"

namespace davit::local {
namespace {

// gRPC makes one for each call and destroys it when the call has ended.
class CallCounter final : public grpc::experimental::Interceptor {
 public:
  explicit CallCounter(IdleMonitor& monitor) : monitor_(monitor) { monitor_.CallStarted(); }
  ~CallCounter() override { monitor_.CallEnded(); }
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    methods->Proceed();
  }

 private:
  IdleMonitor& monitor_;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(IdleMonitor& monitor) : monitor_(monitor) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo*) override {
    return new CallCounter(monitor_);
  }

 private:
  IdleMonitor& monitor_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallCounter(
    IdleMonitor& monitor) {
  return std::make_unique<Factory>(monitor);
}

}  // namespace davit::local
