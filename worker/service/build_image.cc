#include <algorithm>
#include <cstring>
#include <utility>

#include "common/failure/failure.h"
#include "common/rpc/caller_watch.h"
#include "common/rpc/grpc_status.h"
#include "worker/service/handlers.h"

namespace davit::service {
namespace {

using BuildStream =
    grpc::ServerReaderWriter<worker::v1::BuildImageResponse, worker::v1::BuildImageRequest>;

// The context as it comes over the stream. Holds one piece of it.
class StreamedContext {
 public:
  StreamedContext(const grpc::ServerContext& context, BuildStream& stream)
      : context_(context), stream_(stream) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    while (taken_ == request_.context().size()) {
      if (!stream_.Read(&request_)) return End();
      taken_ = 0;
      if (!request_.has_context()) {
        return FailureStatus(v1::SPEC_INVALID, "after a build's job its context is wanted");
      }
    }
    const size_t count = std::min(size, request_.context().size() - taken_);
    std::memcpy(buffer, request_.context().data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  absl::StatusOr<size_t> End() {
    request_.Clear();
    taken_ = 0;
    if (context_.IsCancelled()) return absl::CancelledError("the caller has gone");
    return 0;
  }

  const grpc::ServerContext& context_;
  BuildStream& stream_;
  worker::v1::BuildImageRequest request_;
  size_t taken_ = 0;
};

}  // namespace

grpc::Status Handlers::BuildImage(grpc::ServerContext* context, BuildStream* stream) {
  worker::v1::BuildImageRequest first;
  if (!stream->Read(&first) || !first.has_job()) {
    return ToGrpcStatus(FailureStatus(v1::SPEC_INVALID, "a build begins with its job"));
  }
  const CallerWatch watch(*context);
  StreamedContext tar(*context, *stream);
  worker::v1::BuildImageResponse response;
  auto built = builder_->Build(
      first.job(), [&tar](char* buffer, size_t size) { return tar.Read(buffer, size); },
      watch.call(),
      [&](const v1::BuildOutput& output) {
        *response.mutable_output() = output;
        return stream->Write(response);
      });
  if (!built.ok()) return ToGrpcStatus(built.status());
  *response.mutable_result() = *std::move(built);
  stream->Write(response);
  return grpc::Status::OK;
}

}  // namespace davit::service
