#ifndef DAVIT_CONTROLLER_CORE_NAMES_H_
#define DAVIT_CONTROLLER_CORE_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "davit/v1/deployment.pb.h"
#include "davit/v1/spec.pb.h"

// The names and labels by which Davit knows its own on a host.
namespace davit::core {

inline constexpr char kLabelPrefix[] = "davit.";  // of all of them
inline constexpr char kProjectLabel[] = "davit.project";
inline constexpr char kEnvironmentLabel[] = "davit.environment";
inline constexpr char kAppLabel[] = "davit.app";
inline constexpr char kReleaseLabel[] = "davit.release";  // the number
inline constexpr char kDeploymentLabel[] = "davit.deployment";
inline constexpr char kStepLabel[] = "davit.step";  // the one that made the container

// Name of the container that serves. Default: <project>-<app>.
std::string ServiceName(const v1::EnvironmentSpec& spec, const std::string& app);

// Name of a container from its start to the switch.
std::string CandidateName(absl::string_view step_id);

// Step that started the container of this candidate name; empty when it is none.
absl::string_view StepOfCandidate(absl::string_view name);

// Name of the container in which a try of a step runs a command.
std::string OneOffName(absl::string_view step_id, int attempt);

// Name of the old container from the switch to its removal.
std::string ReplacedName(absl::string_view service_name, absl::string_view deployment_id);

// Repository of the tags that keep an app's images, and the tag of one release.
std::string KeepRepository(absl::string_view project, absl::string_view environment,
                           absl::string_view app);
std::string KeepTag(int64_t number);

// Where the files of an app's releases lie below a worker's own directory, and
// those of one release in it.
std::string FilesOf(absl::string_view project, absl::string_view environment,
                    absl::string_view app);
std::string FilesDirectory(const v1::Release& release);
// The same for a check: nobody else's, though a deployment has the number too.
std::string FilesDirectoryOfCheck(const v1::Release& release);

// "web v2", for titles.
std::string AppVersion(absl::string_view app, int64_t number);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_NAMES_H_
