#include "worker/service/stream_watch.h"

namespace davit::service {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);

}  // namespace

StreamWatch::StreamWatch(const grpc::ServerContext& context)
    : thread_([this, &context] {
        while (!over_.WaitFor(kInterval)) {
          if (context.IsCancelled()) return gone_.Cancel();
        }
      }) {}

StreamWatch::~StreamWatch() {
  over_.Cancel();
  thread_.join();
}

}  // namespace davit::service
