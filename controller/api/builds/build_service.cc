#include "controller/api/builds/build_service.h"

#include <string>
#include <utility>

#include "common/failure/failure.h"
#include "common/rpc/blocking_stream.h"
#include "common/rpc/build_terms.h"
#include "common/rpc/peer.h"
#include "common/steady_time.h"
#include "controller/api/builds/build_image.h"
#include "controller/api/caller.h"
#include "controller/api/finish.h"
#include "davit/v1/build_service.grpc.pb.h"

namespace davit::api {
namespace {

using BuildStream = BlockingStream<v1::BuildImageRequest, v1::BuildImageResponse>;
using BuildMethods = v1::BuildService::WithCallbackMethod_BuildImage<v1::BuildService::Service>;

// Hands the client's context on, a piece at a time: the next is read when the one before
// is on its way, so that no more of it is here than gRPC's windows hold.
class ContextRelay {
 public:
  ContextRelay(BuildStream& stream, absl::Duration patience)
      : stream_(stream), patience_(patience) {}

  absl::StatusOr<std::string> Next() {
    const absl::Time end = SteadyNow() + patience_;
    v1::BuildImageRequest request;
    while (true) {
      const absl::StatusOr<bool> read = stream_.Read(request, end - SteadyNow());
      if (absl::IsDeadlineExceeded(read.status())) return ContextStalled(patience_);
      if (!read.ok()) return read.status();
      if (!*read) return std::string();
      if (!request.has_context()) {
        return FailureStatus(v1::SPEC_INVALID, "after a build's header its context is wanted");
      }
      // An empty one would be taken for the end.
      if (!request.context().empty()) return std::move(*request.mutable_context());
    }
  }

 private:
  BuildStream& stream_;
  const absl::Duration patience_;
};

class BuildService final : public BuildMethods {
 public:
  explicit BuildService(const BuildServiceContext& context)
      : context_(context), slots_(context.limits.most) {}

  grpc::ServerBidiReactor<v1::BuildImageRequest, v1::BuildImageResponse>* BuildImage(
      grpc::CallbackServerContext* call) override {
    return new BuildStream(
        *call, BuildTerms(context_.limits, &slots_, "controller", "header"),
        [this, caller = PeerName(*call)](BuildStream& stream, v1::BuildImageRequest& first) {
          return Leave("BuildImage", Build(stream, first, caller));
        });
  }

 private:
  absl::Status Build(BuildStream& stream, v1::BuildImageRequest& first, const std::string& caller) {
    if (!first.has_header()) {
      return FailureStatus(v1::SPEC_INVALID, "a build begins with its header");
    }
    v1::BuildHeader& header = *first.mutable_header();
    header.set_submitted_by(CallerForTheRecord(header.submitted_by(), caller));
    ContextRelay relay(stream, context_.limits.piece_patience);
    v1::BuildImageResponse response;
    const auto tell = [&](const v1::BuildOutput& output) {
      *response.mutable_output() = output;
      return stream.Write(response);
    };
    auto built = api::BuildImage(
        context_, header, [&relay] { return relay.Next(); }, stream.call(), tell);
    if (!built.ok()) return built.status();
    *response.mutable_result() = *std::move(built);
    stream.Write(response);
    return absl::OkStatus();
  }

  const BuildServiceContext context_;
  StreamSlots slots_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBuildService(const BuildServiceContext& context) {
  return std::make_unique<BuildService>(context);
}

}  // namespace davit::api
