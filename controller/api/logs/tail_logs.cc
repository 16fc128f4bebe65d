#include "controller/api/logs/tail_logs.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/api/environment.h"
#include "controller/api/logs/host_tail.h"
#include "controller/api/logs/log_mixer.h"
#include "controller/api/logs/log_place.h"

namespace davit::api {
namespace {

constexpr int kDefaultTail = 100;

using Sink = LogMixer::Sink;

absl::Status CheckRequest(const v1::TailLogsRequest& request) {
  const absl::Status named = CheckEnvironmentNamed(request.project(), request.environment());
  if (!named.ok()) return named;
  if (request.app().empty()) return FailureStatus(v1::SPEC_INVALID, "app must be given");
  if (request.tail() < 0) return FailureStatus(v1::SPEC_INVALID, "tail must not be negative");
  return absl::OkStatus();
}

// Every host's error.
absl::Status Outcome(const std::vector<absl::Status>& statuses) {
  std::vector<v1::Failure> failures;
  for (const absl::Status& status : statuses) {
    if (!status.ok()) failures.push_back(FailureOf(status));
  }
  if (failures.empty()) return absl::OkStatus();
  v1::Failure whole = failures.front();
  if (failures.size() == 1) return FailureStatus(whole);
  for (const v1::Failure& failure : failures) *whole.add_parts() = failure;
  return FailureStatus(whole);
}

absl::Status TailHosts(const ApiContext& context, const v1::TailLogsRequest& request,
                       const LogPlace& place, const worker::v1::TailLogsRequest& ask,
                       absl::FunctionRef<bool()> client_gone, Sink sink) {
  LogMixer mixer(sink);
  const std::vector<std::string>& hosts = place.hosts;
  std::vector<absl::Status> statuses(hosts.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < hosts.size(); ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = HostTail(context, request, hosts[i], mixer).Run(place, ask);
      // The others may go on for hours, and the error stands at the end of the call.
      if (!statuses[i].ok() && request.follow() && hosts.size() > 1) {
        mixer.Put(hosts[i], v1::LOG_STREAM_UNSPECIFIED, absl::StrCat(statuses[i].message(), "\n"));
      }
      mixer.HostEnded();
    });
  }
  bool gone = false;
  while (!(gone = client_gone()) && !mixer.AwaitEnd(threads.size(), absl::Milliseconds(100))) {
  }
  mixer.Close();
  for (std::thread& thread : threads) thread.join();
  return gone ? absl::CancelledError("the client has gone") : Outcome(statuses);
}

}  // namespace

absl::Status TailLogs(const ApiContext& context, const v1::TailLogsRequest& request,
                      absl::FunctionRef<bool()> client_gone, Sink sink) {
  if (const absl::Status check = CheckRequest(request); !check.ok()) return check;
  const absl::StatusOr<LogPlace> place = ReadLogPlace(context, request);
  if (!place.ok()) return place.status();
  const auto ask =
      LogsAskedOf(context, request, *place, request.tail() == 0 ? kDefaultTail : request.tail());
  if (!ask.ok()) return ask.status();
  return TailHosts(context, request, *place, *ask, client_gone, sink);
}

}  // namespace davit::api
