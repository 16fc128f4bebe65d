#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_FINDINGS_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_FINDINGS_H_

#include <string>
#include <vector>

#include "worker/probe/report.h"
#include "worker/steps/preflight/access_probe.h"
#include "worker/steps/preflight/findings.h"

namespace davit::steps {

// Adds what the probe found denied: FILE_UNREADABLE and VOLUME_UNWRITABLE, each
// with the path on both sides, who the container runs as, what is there, and the
// command that mends it. `user` is the container's user as it is declared.
void AddAccessFindings(const AccessProbe& probe, const probe::Report& report,
                       const std::string& user, Findings& findings);

// "UID 1000 (app), GID 1000".
std::string DescribeUser(const probe::Report& report, const std::string& user);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_ACCESS_FINDINGS_H_
