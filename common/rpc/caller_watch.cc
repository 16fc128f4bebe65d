#include "common/rpc/caller_watch.h"

namespace davit {
namespace {

constexpr absl::Duration kLookForCaller = absl::Milliseconds(100);

}  // namespace

CallerWatch::CallerWatch(const grpc::ServerContext& context)
    : thread_([this, &context] {
        while (!over_.WaitFor(kLookForCaller)) {
          if (context.IsCancelled()) return gone_.Cancel();
        }
      }) {}

CallerWatch::~CallerWatch() {
  over_.Cancel();
  thread_.join();
}

}  // namespace davit
