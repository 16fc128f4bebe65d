#include <algorithm>
#include <cstring>
#include <utility>

#include "common/failure/failure.h"
#include "common/rpc/blocking_stream.h"
#include "common/rpc/build_terms.h"
#include "common/rpc/grpc_status.h"
#include "common/steady_time.h"
#include "worker/service/handlers.h"

namespace davit::service {
namespace {

using worker::v1::BuildImageRequest;
using worker::v1::BuildImageResponse;
using BuildStream = BlockingStream<BuildImageRequest, BuildImageResponse>;

// The controller waits for the same piece, and knows better whose fault it is.
constexpr double kControllersHeadStart = 1.1;

// The context as it comes over the stream. Holds one piece of it.
class StreamedContext {
 public:
  StreamedContext(BuildStream& stream, absl::Duration patience)
      : stream_(stream), patience_(patience) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    const absl::Time end = SteadyNow() + patience_;
    while (taken_ == request_.context().size()) {
      const absl::StatusOr<bool> read = stream_.Read(request_, end - SteadyNow());
      if (absl::IsDeadlineExceeded(read.status())) return ContextStalled(patience_);
      if (!read.ok()) return read.status();
      taken_ = 0;
      if (!*read) request_.Clear();
      if (!*read) return 0;
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
  BuildStream& stream_;
  const absl::Duration patience_;
  BuildImageRequest request_;
  size_t taken_ = 0;
};

absl::Status Build(builder::ImageBuilder& builder, BuildStream& stream, absl::Duration patience,
                   const BuildImageRequest& first) {
  if (!first.has_job()) return FailureStatus(v1::SPEC_INVALID, "a build begins with its job");
  StreamedContext tar(stream, patience);
  BuildImageResponse response;
  auto built = builder.Build(
      first.job(), [&tar](char* buffer, size_t size) { return tar.Read(buffer, size); },
      stream.call(),
      [&](const v1::BuildOutput& output) {
        *response.mutable_output() = output;
        return stream.Write(response);
      });
  if (!built.ok()) return built.status();
  *response.mutable_result() = *std::move(built);
  stream.Write(response);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerBidiReactor<BuildImageRequest, BuildImageResponse>* Handlers::BuildImage(
    grpc::CallbackServerContext* context) {
  const absl::Duration patience = build_limits_.piece_patience * kControllersHeadStart;
  return new BuildStream(*context, BuildTerms(build_limits_, &build_slots_, "worker", "job"),
                         [this, patience](BuildStream& stream, BuildImageRequest& first) {
                           return ToGrpcStatus(Build(*builder_, stream, patience, first));
                         });
}

}  // namespace davit::service
