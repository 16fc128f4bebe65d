#ifndef DAVIT_WORKER_PROBE_INSTALLED_PROGRAM_H_
#define DAVIT_WORKER_PROBE_INSTALLED_PROGRAM_H_

#include <string>

#include "absl/status/statusor.h"

namespace davit::probe {

// The path of the probe in `directory`, where it is written unless the same
// bytes are there already: for everyone to read and run. Errors are the file
// system's.
absl::StatusOr<std::string> InstallProgram(const std::string& directory);

}  // namespace davit::probe

#endif  // DAVIT_WORKER_PROBE_INSTALLED_PROGRAM_H_
