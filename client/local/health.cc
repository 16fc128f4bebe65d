#include "client/local/health.h"

#include <grpcpp/generic/generic_stub.h>

namespace davit::local {
namespace {

// grpc.health.v1.HealthCheckResponse with status SERVING: field 1, varint 1.
// Debian has no generated header for it.
constexpr char kServing[] = "\x08\x01";
constexpr char kMethod[] = "/grpc.health.v1.Health/Check";

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

bool IsServing(const std::shared_ptr<grpc::Channel>& channel, absl::Time deadline) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  const grpc::Slice nothing;
  grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, kMethod, request, &queue);
  grpc::Status status;
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  const bool answered = queue.Next(&tag, &ok) && ok && status.ok();
  queue.Shutdown();
  return answered && Flatten(response) == kServing;
}

}  // namespace davit::local
