#include "controller/fleet/build_stream.h"

#include <grpcpp/client_context.h>

#include <string>
#include <thread>
#include <utility>

#include "controller/fleet/host_status.h"

namespace davit::fleet {
namespace {

using worker::v1::BuildImageRequest;
using worker::v1::BuildImageResponse;
using Stream = grpc::ClientReaderWriter<BuildImageRequest, BuildImageResponse>;

constexpr absl::Duration kCallLook = absl::Milliseconds(50);

// Ends an RPC when its Call says so.
class CallGuard {
 public:
  CallGuard(const Call& call, grpc::ClientContext& context)
      : thread_([this, call, &context] {
          while (!over_.WaitFor(kCallLook)) {
            if (!call.Check().ok()) return context.TryCancel();
          }
        }) {}
  ~CallGuard() {
    over_.Cancel();
    thread_.join();
  }
  CallGuard(const CallGuard&) = delete;
  CallGuard& operator=(const CallGuard&) = delete;

 private:
  CancelToken over_;
  std::thread thread_;
};

// OK also when the worker wants no more: why, it says at the end.
absl::Status SendAll(Stream& stream, const worker::v1::BuildJob& job,
                     WorkerClient::ContextPieces context) {
  BuildImageRequest request;
  *request.mutable_job() = job;
  while (stream.Write(request)) {
    absl::StatusOr<std::string> piece = context();
    if (!piece.ok()) return piece.status();
    if (piece->empty()) break;
    request.set_context(*std::move(piece));
  }
  stream.WritesDone();
  return absl::OkStatus();
}

// Whether the sink heard everything.
bool HearAll(Stream& stream, v1::BuiltImage& built, WorkerClient::BuildSink sink) {
  BuildImageResponse response;
  while (stream.Read(&response)) {
    if (response.has_result()) built = std::move(*response.mutable_result());
    if (response.has_output() && !sink(response.output())) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<v1::BuiltImage> BuildUntilCancelled(const std::string& host,
                                                   worker::v1::WorkerService::Stub& stub,
                                                   const worker::v1::BuildJob& job,
                                                   WorkerClient::ContextPieces context,
                                                   const Call& call, WorkerClient::BuildSink sink) {
  grpc::ClientContext rpc;
  if (call.deadline != absl::InfiniteFuture()) rpc.set_deadline(absl::ToChronoTime(call.deadline));
  const auto stream = stub.BuildImage(&rpc);
  const CallGuard guard(call, rpc);
  v1::BuiltImage built;
  const absl::Status sent = SendAll(*stream, job, context);
  const bool heard = sent.ok() && HearAll(*stream, built, sink);
  if (!heard) rpc.TryCancel();
  const grpc::Status status = stream->Finish();
  if (!sent.ok()) return sent;
  if (!heard) return absl::CancelledError("nobody listens to the build any more");
  // The caller's own end says nothing about the host.
  if (const absl::Status check = call.Check(); !status.ok() && !check.ok()) return check;
  if (!status.ok()) return HostStatus(host, status);
  if (built.image_id().empty()) return HostUnreachable(host, "the stream ended before the build");
  return built;
}

}  // namespace davit::fleet
