#include <algorithm>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/call.h"
#include "common/failure/failure.h"
#include "controller/api/environment_apps.h"
#include "controller/api/handlers.h"
#include "controller/api/request_check.h"
#include "controller/executor/secret_values.h"

namespace davit::api {
namespace {

constexpr int kDefaultTail = 100;
constexpr int kEveryLine = std::numeric_limits<int32_t>::max();
// How often the records are looked at for what a follower is to follow next.
constexpr absl::Duration kLookForNext = absl::Milliseconds(500);

using Sink = absl::FunctionRef<bool(const v1::TailLogsResponse&)>;

// Where an app serves.
struct Place {
  int64_t release = 0;  // its number
  std::vector<std::string> hosts;
  worker::v1::ContainerSpec container;
  bool changing = false;  // by a deployment that is running
};

absl::Status CheckRequest(const v1::TailLogsRequest& request) {
  const absl::Status named = CheckEnvironmentNamed(request.project(), request.environment());
  if (!named.ok()) return named;
  if (request.app().empty()) return FailureStatus(v1::SPEC_INVALID, "app must be given");
  if (request.tail() < 0) return FailureStatus(v1::SPEC_INVALID, "tail must not be negative");
  return absl::OkStatus();
}

absl::StatusOr<Place> FindPlace(store::ReadTxn& txn, const v1::TailLogsRequest& request) {
  const auto apps = AppsOf(txn, request.project(), request.environment());
  if (!apps.ok()) return apps.status();
  std::vector<std::string> known;
  for (const executor::LiveApp& app : *apps) {
    if (app.release.view().app() == request.app()) {
      const auto lock = txn.GetLock(request.project(), request.environment());
      if (!lock.ok()) return lock.status();
      return Place{.release = app.release.view().number(),
                   .hosts = app.hosts,
                   .container = app.release.container(),
                   .changing = lock->has_value() && !(*lock)->deployment_id().empty()};
    }
    known.push_back(absl::StrCat(app.release.view().app(), " is live"));
  }
  return FailureStatus(v1::NOT_FOUND,
                       absl::StrCat("no release of ", request.app(), " is live in ",
                                    request.environment(), " of project ", request.project()),
                       std::move(known));
}

// One sink for the logs of several hosts, one message at a time.
class Mixer {
 public:
  explicit Mixer(Sink sink) : sink_(sink) {}

  // False when the sink wants no more; everybody is told then.
  bool Put(const std::string& host, v1::LogStream stream, const std::string& data) {
    absl::MutexLock lock(&mutex_);
    if (!open_) return false;
    message_.set_host(host);
    message_.set_stream(stream);
    message_.set_data(data);
    open_ = sink_(message_);
    if (!open_) stop_.Cancel();
    return open_;
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    open_ = false;
    stop_.Cancel();
  }
  void HostEnded() {
    absl::MutexLock lock(&mutex_);
    ++ended_;
  }
  // Whether `hosts` hosts have ended, after waiting a little for it.
  bool AwaitEnd(size_t hosts, absl::Duration timeout) {
    const auto all = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_ == hosts; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&all), timeout);
  }
  const CancelToken& stop() const { return stop_; }

 private:
  absl::Mutex mutex_;
  const Sink sink_;
  v1::TailLogsResponse message_ ABSL_GUARDED_BY(mutex_);  // keeps its memory
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  size_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
  CancelToken stop_;
};

// What is shown goes through the worker's mask, or is not shown.
absl::Status AddSecrets(executor::SecretSource& source, const v1::TailLogsRequest& request,
                        const worker::v1::ContainerSpec& container,
                        worker::v1::TailLogsRequest& ask) {
  for (const auto& [key, use] : executor::SecretsOf(container)) {
    auto value = source.Value(request.project(), use);
    if (value.ok()) {
      ask.add_secrets(*std::move(value));
      continue;
    }
    v1::Failure failure = FailureOf(value.status());
    failure.set_message(absl::StrCat("The output of ", request.app(),
                                     " cannot be shown, as its secrets could not be masked in "
                                     "it: ",
                                     failure.message()));
    return FailureStatus(failure);
  }
  return absl::OkStatus();
}

absl::StatusOr<Place> ReadPlace(const ApiContext& context, const v1::TailLogsRequest& request) {
  Place place;
  const absl::Status found = context.store.View([&](store::ReadTxn& txn) {
    absl::StatusOr<Place> read = FindPlace(txn, request);
    if (!read.ok()) return read.status();
    place = *std::move(read);
    return absl::OkStatus();
  });
  if (!found.ok()) return found;
  return place;
}

absl::StatusOr<worker::v1::TailLogsRequest> AskFor(const ApiContext& context,
                                                   const v1::TailLogsRequest& request,
                                                   const Place& place, int lines) {
  worker::v1::TailLogsRequest ask;
  ask.set_container(place.container.service_name());
  ask.set_tail(lines);
  ask.set_follow(request.follow());
  const absl::Status masked = AddSecrets(context.secrets, request, place.container, ask);
  if (!masked.ok()) return masked;
  return ask;
}

// The logs of an app on one of its hosts, and for a follower those of its next containers.
class HostTail {
 public:
  HostTail(const ApiContext& context, const v1::TailLogsRequest& request, std::string host,
           Mixer& mixer)
      : context_(context), request_(request), host_(std::move(host)), mixer_(mixer) {}

  absl::Status Run(Place place, worker::v1::TailLogsRequest ask) {
    while (true) {
      const absl::Status status = Tail(ask);
      if (!status.ok() || !request_.follow() || mixer_.stop().cancelled()) return status;
      TellOfEnd();
      absl::StatusOr<worker::v1::TailLogsRequest> next = AwaitNext(place);
      if (!next.ok()) return next.status();
      ask = *std::move(next);
    }
  }

 private:
  absl::Status Tail(const worker::v1::TailLogsRequest& ask) {
    const auto worker = context_.fleet.Find(host_);
    if (!worker.ok()) return worker.status();
    return (*worker)->TailLogs(ask, Call{.cancel = &mixer_.stop()},
                               [&](const worker::v1::TailLogsResponse& message) {
                                 told_ = false;
                                 return mixer_.Put(host_, message.stream(), message.data());
                               });
  }

  // Once, however often one that is stopped is asked.
  void TellOfEnd() {
    if (std::exchange(told_, true)) return;
    mixer_.Put(host_, v1::LOG_STREAM_UNSPECIFIED,
               absl::StrCat("the container of ", request_.app(), " on host ", host_,
                            " has ended; waiting for the next one\n"));
  }

  // What a deployment tries out under the name has other secrets than those that would be
  // masked: it is followed when it is live, from its beginning. Where the old one is back,
  // what it says from now on.
  absl::StatusOr<worker::v1::TailLogsRequest> AwaitNext(Place& place) {
    while (!mixer_.stop().WaitFor(kLookForNext)) {
      absl::StatusOr<Place> now = ReadPlace(context_, request_);
      if (!now.ok()) return now.status();
      if (now->changing) continue;
      if (std::find(now->hosts.begin(), now->hosts.end(), host_) == now->hosts.end()) {
        return FailureStatus(v1::CONTAINER_GONE,
                             absl::StrCat(request_.app(), " is on host ", host_, " no more"));
      }
      const bool is_new = now->release != place.release;
      place = *std::move(now);
      return AskFor(context_, request_, place, is_new ? kEveryLine : 0);
    }
    return absl::CancelledError("nobody follows any more");
  }

  const ApiContext& context_;
  const v1::TailLogsRequest& request_;
  const std::string host_;
  Mixer& mixer_;
  bool told_ = false;
};

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
                       const Place& place, const worker::v1::TailLogsRequest& ask,
                       absl::FunctionRef<bool()> client_gone, Sink sink) {
  Mixer mixer(sink);
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
  const absl::StatusOr<Place> place = ReadPlace(context, request);
  if (!place.ok()) return place.status();
  const auto ask =
      AskFor(context, request, *place, request.tail() == 0 ? kDefaultTail : request.tail());
  if (!ask.ok()) return ask.status();
  return TailHosts(context, request, *place, *ask, client_gone, sink);
}

}  // namespace davit::api
