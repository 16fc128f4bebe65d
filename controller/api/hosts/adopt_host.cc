#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/api/hosts/adoption.h"
#include "controller/api/hosts/handlers.h"
#include "controller/api/hosts/records.h"
#include "controller/core/names.h"

namespace davit::api {
namespace {

using worker::v1::AdoptControllerResponse;
using worker::v1::ObservedContainer;

constexpr absl::Duration kAdoption = absl::Seconds(30);  // the worker may end steps first
constexpr absl::Duration kLook = absl::Seconds(10);      // at all of its containers
constexpr absl::Duration kRenewal = absl::Seconds(5);

using Containers = std::map<Environment, std::vector<ObservedContainer>>;

absl::StatusOr<AdoptControllerResponse> TellWorker(const HostContext& context,
                                                   fleet::WorkerClient& worker) {
  worker::v1::AdoptControllerRequest request;
  const absl::Status read = context.store.View([&](store::ReadTxn& txn) {
    const auto identity = txn.Identity();
    if (!identity.ok()) return identity.status();
    request.set_cluster_id(identity->cluster_id);
    request.set_controller_id(identity->controller_id);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return worker.AdoptController(request, Call{}.Within(kAdoption));
}

// DOCKER_UNREACHABLE and the like, too.
absl::StatusOr<Containers> LookAtContainers(fleet::WorkerClient& worker,
                                            const std::set<Environment>& environments) {
  const Call call = Call{}.Within(kLook);
  Containers containers;
  for (const Environment& environment : environments) {
    worker::v1::GetHostRequest request;
    (*request.mutable_container_labels())[core::kProjectLabel] = environment.first;
    (*request.mutable_container_labels())[core::kEnvironmentLabel] = environment.second;
    const auto host = worker.GetHost(request, call);
    if (!host.ok()) return host.status();
    if (host->has_docker_failure()) return FailureStatus(host->docker_failure());
    containers[environment] = {host->containers().begin(), host->containers().end()};
  }
  return containers;
}

void SayForgotten(const AdoptControllerResponse& worker, std::vector<std::string>& differences) {
  for (const worker::v1::KnownStep& step : worker.forgotten()) {
    const worker::v1::StepKey& key = step.key();
    differences.push_back(
        absl::StrCat("Step ", key.step_id(), " of deployment ", key.deployment_id(), " of ",
                     key.project(), "/", key.environment(), " was begun for the other controller",
                     step.has_finished() ? "; its result is dropped." : " and was ended."));
  }
}

// What is asked of the worker anew, once it knows whom it follows.
fleet::HostCondition Renewed(const HostContext& context, const std::string& host) {
  const auto monitor = context.fleet.Monitor(host);
  if (monitor == nullptr) return context.fleet.Condition(host);
  monitor->Renew();
  return monitor->AwaitSettled(absl::Now() + kRenewal);
}

absl::Status Compare(const HostContext& context, const std::string& host,
                     const Containers& containers, std::vector<std::string>& differences) {
  return context.store.Update([&](store::Txn& txn) {
    for (const auto& [environment, found] : containers) {
      absl::Status status = CompareEnvironment(txn, environment, host, found, differences);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<v1::AdoptHostResponse> AdoptHost(const HostContext& context,
                                                const v1::AdoptHostRequest& request) {
  const auto record = FindHostRecord(context, request.name());
  if (!record.ok()) return record.status();
  const auto worker = context.fleet.Find(request.name());
  if (!worker.ok()) return worker.status();
  const auto adopted = TellWorker(context, **worker);
  if (!adopted.ok()) return adopted.status();
  std::set<Environment> environments;
  // Whatever fails from here on: no deployment may begin with a fence that is passed.
  const absl::Status raised = context.store.Update([&](store::Txn& txn) {
    auto found = EnvironmentsOf(txn, *adopted);
    if (!found.ok()) return found.status();
    environments = *std::move(found);
    return RaiseFences(txn, *adopted);
  });
  if (!raised.ok()) return raised;
  const auto containers = LookAtContainers(**worker, environments);
  if (!containers.ok()) return containers.status();
  std::vector<std::string> differences;
  SayForgotten(*adopted, differences);
  const absl::Status compared = Compare(context, request.name(), *containers, differences);
  if (!compared.ok()) return compared;
  v1::AdoptHostResponse response;
  *response.mutable_host() = DescribeHost(*record, Renewed(context, request.name()));
  for (std::string& difference : differences) response.add_differences(std::move(difference));
  return response;
}

}  // namespace davit::api
