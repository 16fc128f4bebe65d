#include "controller/api/logs/log_place.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/api/environment.h"
#include "controller/executor/secret_values.h"

namespace davit::api {
namespace {

absl::StatusOr<LogPlace> FindPlace(store::ReadTxn& txn, const v1::TailLogsRequest& request) {
  const auto apps = AppsOf(txn, request.project(), request.environment());
  if (!apps.ok()) return apps.status();
  std::vector<std::string> known;
  for (const executor::LiveApp& app : *apps) {
    if (app.release.view().app() == request.app()) {
      const auto lock = txn.GetLock(request.project(), request.environment());
      if (!lock.ok()) return lock.status();
      return LogPlace{.release = app.release.view().number(),
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

absl::Status AddSecretsToMask(executor::SecretSource& source, const v1::TailLogsRequest& request,
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

absl::StatusOr<LogPlace> ReadLogPlace(const ApiContext& context,
                                      const v1::TailLogsRequest& request) {
  LogPlace place;
  const absl::Status found = context.store.View([&](store::ReadTxn& txn) {
    absl::StatusOr<LogPlace> read = FindPlace(txn, request);
    if (!read.ok()) return read.status();
    place = *std::move(read);
    return absl::OkStatus();
  });
  if (!found.ok()) return found;
  return place;
}

absl::StatusOr<worker::v1::TailLogsRequest> LogsAskedOf(const ApiContext& context,
                                                        const v1::TailLogsRequest& request,
                                                        const LogPlace& place, int lines) {
  worker::v1::TailLogsRequest ask;
  ask.set_container(place.container.service_name());
  ask.set_tail(lines);
  ask.set_follow(request.follow());
  const absl::Status masked = AddSecretsToMask(context.secrets, request, place.container, ask);
  if (!masked.ok()) return masked;
  return ask;
}

}  // namespace davit::api
