#ifndef DAVIT_CONTROLLER_CORE_OBSERVED_H_
#define DAVIT_CONTROLLER_CORE_OBSERVED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/host_service.pb.h"
#include "davit/worker/v1/container.pb.h"
#include "davit/worker/v1/steps.pb.h"

namespace davit::core {

// The value of a label; empty when there is none.
absl::string_view LabelOf(const worker::v1::ObservedContainer& container, const char* label);
// The number of its release; 0 when it is none of ours.
int64_t ReleaseOf(const worker::v1::ObservedContainer& container);

// Whether it has a process that a stop would end.
bool IsUp(const worker::v1::ObservedContainer& container);
bool IsUp(const v1::HostApp& container);

// The containers of one app on one host, before the deployment. Points into the
// observation and the record.
struct Occupants {
  // The one with the service name, ours or started by hand, or the one that is
  // adopted; null: none.
  const worker::v1::ObservedContainer* serving = nullptr;
  // Number of its release; 0 when it is not ours.
  int64_t serving_release = 0;
  // To make it anew; null unless it is of the live release.
  const worker::v1::ContainerSpec* serving_record = nullptr;
  // Ours under other names: an earlier deployment left them behind.
  std::vector<const worker::v1::ObservedContainer*> leftovers;
  // What keeps the app from its place, and must not be replaced; OK: nothing.
  // `serving` is then the container that is in the way.
  absl::Status problem;
};

// Name of the container that the request adopts for `app`; empty: none.
std::string AdoptedName(const state::v1::DeploymentRecord& record, const std::string& app);

// What the app's container, `spec`, meets on a host. Its problem is CONTAINER_NOT_OURS
// when one that was started by hand has a port of it and is not adopted, or when
// there are two to replace. NAME_IN_USE when the service name belongs to another app or
// environment, or to a container that could not be put back.
Occupants FindOccupants(const state::v1::DeploymentRecord& record, const v1::Release& release,
                        const worker::v1::ContainerSpec& spec,
                        const worker::v1::HostObservation& host);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_OBSERVED_H_
