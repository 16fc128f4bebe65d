#include "worker/steps/container/start_failure.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/host/port_owner.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::ObservedContainer;

// Says of each published port that is taken by whom.
void AddPortOwners(docker::Engine& engine, absl::string_view starting, const ContainerSpec& spec,
                   const Call& call, v1::Failure& failure) {
  const auto containers = engine.ListContainers({}, call);
  for (const worker::v1::PortBinding& port : spec.ports()) {
    if (port.host_port() == 0) continue;
    const ObservedContainer* publisher =
        containers.ok() ? FindPublisher(port, *containers) : nullptr;
    if (publisher != nullptr && publisher->name() != starting) {
      failure.add_evidence(absl::StrCat("port ", Describe(port), " is published by container ",
                                        Describe(*publisher)));
    } else if (absl::IsAlreadyExists(TryBind(port))) {
      failure.add_evidence(absl::StrCat("port ", Describe(port), ": ", DescribeListener(port)));
    }
  }
}

void AddCommand(const ContainerSpec& spec, v1::Failure& failure) {
  if (spec.entrypoint_size() > 0) {
    failure.add_evidence(absl::StrCat("entrypoint: ", absl::StrJoin(spec.entrypoint(), " ")));
  }
  if (spec.command_size() > 0) {
    failure.add_evidence(absl::StrCat("command: ", absl::StrJoin(spec.command(), " ")));
  }
  if (spec.entrypoint_size() + spec.command_size() == 0) {
    failure.add_evidence("the command is the image's own");
  }
}

}  // namespace

absl::Status ExplainStartFailure(docker::Engine& engine, const absl::Status& status,
                                 absl::string_view container, const ContainerSpec& spec,
                                 const Call& call) {
  v1::Failure failure = FailureOf(status);
  switch (failure.code()) {
    case v1::PORT_IN_USE:
      AddPortOwners(engine, container, spec, call, failure);
      break;
    case v1::COMMAND_NOT_FOUND:
      AddCommand(spec, failure);
      break;
    default:
      return status;
  }
  return FailureStatus(failure);
}

}  // namespace davit::steps
