#ifndef DAVIT_WORKER_PROBE_PROGRAM_BYTES_H_
#define DAVIT_WORKER_PROBE_PROGRAM_BYTES_H_

#include "absl/strings/string_view.h"

namespace davit::probe {

// The probe (program.cc) as it was built: a static program for this host.
absl::string_view ProgramBytes();

}  // namespace davit::probe

#endif  // DAVIT_WORKER_PROBE_PROGRAM_BYTES_H_
