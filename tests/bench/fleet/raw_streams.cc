// gRPC alone with the messages of RunStep: what a controller's dispatch is measured
// against. Prints one JSON object.
//   raw_streams ADDRESS CERTIFICATES HOSTS ROUNDS
// seconds: of each round, in which every host's channel carries one stream at the same
// time; streams_per_second: 64 streams in flight, over all channels in turn;
// rss_bytes: of this process with all channels open.
#include <grpcpp/client_context.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/tls/identity.h"
#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit {
namespace {

using worker::v1::WorkerService;
using Stubs = std::vector<std::unique_ptr<WorkerService::Stub>>;

constexpr int kInFlight = 64;

worker::v1::RunStepRequest Request() {
  worker::v1::RunStepRequest request;
  request.mutable_key()->set_cluster_id("0123456789abcdef0123456789abcdef");
  request.mutable_key()->set_project("bench");
  request.mutable_key()->set_environment("dev");
  request.mutable_key()->set_deployment_id("d-0123456789abcdef0123");
  request.mutable_key()->set_step_id("d-0123456789abcdef0123-0001");
  request.mutable_spec()->mutable_set_restart_policy()->set_container("bench-web");
  request.mutable_spec()->mutable_set_restart_policy()->set_policy("unless-stopped");
  return request;
}

// One stream, to its end. Deletes itself after `done`, which gets whether it was finished.
class Stream final : public grpc::ClientReadReactor<worker::v1::RunStepResponse> {
 public:
  Stream(WorkerService::Stub& stub, std::function<void(bool)> done) : done_(std::move(done)) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    stub.async()->RunStep(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    finished_ = finished_ || response_.has_finished();
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    const std::function<void(bool)> done = std::move(done_);
    const bool finished = status.ok() && finished_;
    delete this;
    done(finished);
  }

 private:
  const worker::v1::RunStepRequest request_ = Request();
  std::function<void(bool)> done_;
  grpc::ClientContext context_;
  worker::v1::RunStepResponse response_;
  bool finished_ = false;
};

void Expect(bool finished) {
  if (finished) return;
  std::cerr << "a stream did not finish" << std::endl;
  _exit(1);
}

double Round(const Stubs& stubs) {
  absl::BlockingCounter left(static_cast<int>(stubs.size()));
  const absl::Time begin = absl::Now();
  for (const auto& stub : stubs) {
    new Stream(*stub, [&left](bool finished) {
      Expect(finished);
      left.DecrementCount();
    });
  }
  left.Wait();
  return absl::ToDoubleSeconds(absl::Now() - begin);
}

double StreamsPerSecond(const Stubs& stubs, int count) {
  absl::Mutex mutex;
  int in_flight = 0;
  const absl::Time begin = absl::Now();
  for (int i = 0; i < count; ++i) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(
          +[](int* running) { return *running < kInFlight; }, &in_flight));
      ++in_flight;
    }
    new Stream(*stubs[i % stubs.size()], [&](bool finished) {
      Expect(finished);
      absl::MutexLock lock(&mutex);
      --in_flight;
    });
  }
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(
      +[](int* running) { return *running == 0; }, &in_flight));
  return count / absl::ToDoubleSeconds(absl::Now() - begin);
}

long ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int Main(const std::string& address, const std::string& certificates, int hosts, int rounds) {
  const auto tls = LoadTls(TlsFilesIn(certificates), absl::Now());
  const auto parsed = ParseAddress(address);
  if (!tls.ok() || !parsed.ok()) {
    std::cerr << tls.status() << parsed.status() << std::endl;
    return 1;
  }
  Stubs stubs;
  for (int i = 0; i < hosts; ++i) {
    stubs.push_back(
        WorkerService::NewStub(MakeChannel(*parsed, *tls, absl::StrCat("h", i, ".sim.test"))));
  }
  Round(stubs);  // connects
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) seconds.push_back(Round(stubs));
  std::cout << "{\"seconds\": [" << absl::StrJoin(seconds, ", ")
            << "], \"streams_per_second\": " << StreamsPerSecond(stubs, 20 * hosts)
            << ", \"rss_bytes\": " << ResidentBytes() << "}" << std::endl;
  return 0;
}

}  // namespace
}  // namespace davit

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: raw_streams ADDRESS CERTIFICATES HOSTS ROUNDS" << std::endl;
    return 2;
  }
  return davit::Main(argv[1], argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
}
