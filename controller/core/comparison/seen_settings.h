#ifndef DAVIT_CONTROLLER_CORE_COMPARISON_SEEN_SETTINGS_H_
#define DAVIT_CONTROLLER_CORE_COMPARISON_SEEN_SETTINGS_H_

#include <string>
#include <vector>

#include "controller/core/comparison/settings.h"
#include "davit/worker/v1/container.pb.h"

// What can be compared between a container that Davit did not start and the one that takes
// its place. Of its variables the names are known, not the values.
namespace davit::core {

// By "env DEBUG", "volume /data", "network back", "container user"…
Settings SettingsOf(const worker::v1::ObservedSettings& seen);

// The same settings of `container`; a file or tmpfs counts where `before` has a volume.
Settings LikeSeen(const worker::v1::ContainerSpec& container, const Settings& before);

// What `container` will not have of what `seen` has, sorted; empty where `seen` has not been
// told.
std::vector<std::string> LostWith(const worker::v1::ObservedContainer& seen,
                                  const worker::v1::ContainerSpec& container);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_COMPARISON_SEEN_SETTINGS_H_
