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

using Sink = absl::FunctionRef<bool(const v1::TailLogsResponse&)>;

// Where an app serves.
struct Place {
  std::vector<std::string> hosts;
  worker::v1::ContainerSpec container;
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
      return Place{app.hosts, app.release.container()};
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

// A follower would wait for its lines for ever. Who follows the next container has to
// ask anew: its secrets are others, and they are to be masked.
absl::Status Ended(const std::string& host, const v1::TailLogsRequest& request) {
  v1::Failure failure = MakeFailure(
      v1::CONTAINER_GONE,
      absl::StrCat("the container of ", request.app(), " on host ", host, " has ended"));
  failure.set_likely_cause("it was replaced by a deployment, or stopped");
  failure.set_next_command(absl::StrCat("follow the one that serves now with: davit logs ",
                                        request.app(), " -e ", request.environment(), " -f"));
  return FailureStatus(failure);
}

// The logs of an app: what was asked for, of whom, and by which words of the worker.
struct Tail {
  const fleet::Fleet& fleet;
  const v1::TailLogsRequest& request;
  const Place& place;
  const worker::v1::TailLogsRequest& ask;
};

absl::Status TailHost(const Tail& tail, const std::string& host, Mixer& mixer) {
  const auto worker = tail.fleet.Find(host);
  if (!worker.ok()) return worker.status();
  const absl::Status status = (*worker)->TailLogs(
      tail.ask, Call{.cancel = &mixer.stop()}, [&](const worker::v1::TailLogsResponse& message) {
        return mixer.Put(host, message.stream(), message.data());
      });
  const bool by_itself = status.ok() && tail.ask.follow() && !mixer.stop().cancelled();
  return by_itself ? Ended(host, tail.request) : status;
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

absl::Status TailHosts(const Tail& tail, absl::FunctionRef<bool()> client_gone, Sink sink) {
  Mixer mixer(sink);
  const std::vector<std::string>& hosts = tail.place.hosts;
  std::vector<absl::Status> statuses(hosts.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < hosts.size(); ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = TailHost(tail, hosts[i], mixer);
      // The others may go on for hours, and the error stands at the end of the call.
      if (!statuses[i].ok() && tail.ask.follow() && hosts.size() > 1) {
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

}  // namespace

absl::Status TailLogs(const ApiContext& context, const v1::TailLogsRequest& request,
                      absl::FunctionRef<bool()> client_gone, Sink sink) {
  if (const absl::Status check = CheckRequest(request); !check.ok()) return check;
  Place place;
  const absl::Status found = context.store.View([&](store::ReadTxn& txn) {
    absl::StatusOr<Place> read = FindPlace(txn, request);
    if (!read.ok()) return read.status();
    place = *std::move(read);
    return absl::OkStatus();
  });
  if (!found.ok()) return found;
  worker::v1::TailLogsRequest ask;
  ask.set_container(place.container.service_name());
  ask.set_tail(request.tail() == 0 ? kDefaultTail : request.tail());
  ask.set_follow(request.follow());
  const absl::Status masked = AddSecrets(context.secrets, request, place.container, ask);
  if (!masked.ok()) return masked;
  return TailHosts({context.fleet, request, place, ask}, client_gone, sink);
}

}  // namespace davit::api
