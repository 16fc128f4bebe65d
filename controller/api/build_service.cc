#include "controller/api/build_service.h"

#include <utility>

#include "common/failure/failure.h"
#include "common/rpc/caller_watch.h"
#include "common/rpc/peer.h"
#include "controller/api/build_image.h"
#include "controller/api/caller.h"
#include "controller/api/finish.h"
#include "davit/v1/build_service.grpc.pb.h"

namespace davit::api {
namespace {

using BuildStream = grpc::ServerReaderWriter<v1::BuildImageResponse, v1::BuildImageRequest>;

// Hands the client's context on, a piece at a time: the next is read when the one before
// is on its way, so that no more of it is here than gRPC's windows hold.
class ContextRelay {
 public:
  ContextRelay(const grpc::ServerContext& call, BuildStream& stream)
      : call_(call), stream_(stream) {}

  absl::StatusOr<std::string> Next() {
    v1::BuildImageRequest request;
    while (stream_.Read(&request)) {
      if (!request.has_context()) {
        return FailureStatus(v1::SPEC_INVALID, "after a build's header its context is wanted");
      }
      // An empty one would be taken for the end.
      if (!request.context().empty()) return std::move(*request.mutable_context());
    }
    if (call_.IsCancelled()) return absl::CancelledError("the client has gone");
    return std::string();
  }

 private:
  const grpc::ServerContext& call_;
  BuildStream& stream_;
};

class BuildService final : public v1::BuildService::Service {
 public:
  explicit BuildService(const BuildServiceContext& context) : context_(context) {}

  grpc::Status BuildImage(grpc::ServerContext* call, BuildStream* stream) override {
    v1::BuildImageRequest first;
    if (!stream->Read(&first) || !first.has_header()) {
      return Leave("BuildImage", FailureStatus(v1::SPEC_INVALID, "a build begins with its header"));
    }
    v1::BuildHeader header = std::move(*first.mutable_header());
    header.set_submitted_by(CallerForTheRecord(header.submitted_by(), PeerName(*call)));
    const CallerWatch watch(*call);
    ContextRelay relay(*call, *stream);
    v1::BuildImageResponse response;
    const auto tell = [&](const v1::BuildOutput& output) {
      *response.mutable_output() = output;
      return stream->Write(response);
    };
    auto built = api::BuildImage(
        context_, header, [&relay] { return relay.Next(); }, watch.call(), tell);
    if (!built.ok()) return Leave("BuildImage", built.status());
    *response.mutable_result() = *std::move(built);
    stream->Write(response);
    return grpc::Status::OK;
  }

 private:
  const BuildServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBuildService(const BuildServiceContext& context) {
  return std::make_unique<BuildService>(context);
}

}  // namespace davit::api
