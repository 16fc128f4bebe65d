// gRPC alone: writes what a worker's TailLogs gives to standard output. What the way
// through a controller and a client is measured against.
//   raw_logs ADDRESS CERTIFICATES NAME LINES
#include <grpcpp/client_context.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/tls/identity.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit {
namespace {

bool WriteOut(absl::string_view data) {
  while (!data.empty()) {
    const ssize_t written = write(STDOUT_FILENO, data.data(), data.size());
    if (written <= 0) return false;
    data.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

int Main(const std::string& address, const std::string& certificates, const std::string& name,
         int lines) {
  const auto tls = LoadTls(TlsFilesIn(certificates), absl::Now());
  const auto parsed = ParseAddress(address);
  if (!tls.ok() || !parsed.ok()) {
    std::cerr << tls.status() << parsed.status() << std::endl;
    return 1;
  }
  const auto stub = worker::v1::WorkerService::NewStub(MakeChannel(*parsed, *tls, name));
  grpc::ClientContext context;
  worker::v1::TailLogsRequest request;
  request.set_tail(lines);
  const auto reader = stub->TailLogs(&context, request);
  worker::v1::TailLogsResponse message;
  while (reader->Read(&message) && WriteOut(message.data())) {
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) std::cerr << status.error_message() << std::endl;
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace davit

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: raw_logs ADDRESS CERTIFICATES NAME LINES" << std::endl;
    return 2;
  }
  return davit::Main(argv[1], argv[2], argv[3], std::atoi(argv[4]));
}
