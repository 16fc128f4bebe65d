#ifndef DAVIT_CONTROLLER_CORE_DATABASE_WORK_DOWN_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_WORK_DOWN_H_

#include <optional>
#include <string>
#include <vector>

#include "controller/core/database/work_stops.h"

// Live releases that do not run when their database is restored. One that Davit has stopped and
// not put back, as after a deployment that needs attention, or whose container was removed, has
// to run afterwards; one that somebody has stopped has not.
namespace davit::core {

// Whether the container is the app's, or by its name serves in the place of that.
bool IsContainerOf(const worker::v1::ObservedContainer& container, const std::string& app,
                   const state::v1::DeploymentRecord& record);

// The live release of `app` on `host`, where nothing serves in its place; nullopt: something
// does, or no release is live. Davit stops with the restart policy `no`, `docker stop` leaves
// the policy as it is: by that they are told apart. Gone is what no host has any more; where
// only some have it, the others may never have had it.
std::optional<StopOfApp> FindDown(const state::v1::DeploymentRecord& record, const Survey& survey,
                                  const std::string& app, const std::string& host);

// What becomes of those that do not run, a sentence an entry.
std::vector<std::string> DownNotes(const Stops& stops);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_WORK_DOWN_H_
