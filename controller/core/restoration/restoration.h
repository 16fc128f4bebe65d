#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_H_

#include <string>
#include <vector>

#include "davit/state/v1/state.pb.h"
#include "davit/worker/v1/container.pb.h"
#include "davit/worker/v1/steps.pb.h"

// Older releases that are made live again: everything as it was recorded, under the
// number of a new release.
namespace davit::core {

// The release that `app` shall have again; null where it gets a new one.
const state::v1::ReleaseRecord* RestoredOf(const state::v1::DeploymentRecord& record,
                                           const std::string& app);

// How its app is deployed: as it was declared then, or, where that was not recorded yet,
// as `spec` has it. Without checks, tasks and a build: they were done when it was made, and
// may not bear what a database has become since. It waits for the apps that `spec` says;
// a database that `spec` lacks by now is left out.
v1::App AppAsItWas(const v1::EnvironmentSpec& spec, const state::v1::ReleaseRecord& restored);

// Its container as that of `release`: the same variables, versions of secrets, contents of
// files, mounts and settings. The files are written anew, in a directory of their own.
worker::v1::ContainerSpec RestoredContainer(const state::v1::ReleaseRecord& restored,
                                            const v1::Release& release,
                                            const worker::v1::ResolvedImage& image,
                                            bool check_only);

// How its image is looked for: by its digest, or its id where it is in no registry; its tag
// may have moved since. Without logins.
worker::v1::ResolveImage ResolveRestored(const state::v1::ReleaseRecord& restored);

// What a rollback is, one sentence for each of its releases.
std::vector<std::string> RestorationNotes(const state::v1::DeploymentRecord& record);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_H_
