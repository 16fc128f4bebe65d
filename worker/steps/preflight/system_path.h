#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_SYSTEM_PATH_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_SYSTEM_PATH_H_

#include <string>

namespace davit::steps {

// Whether a path of the host is the system's own, so that another owner or mode may
// break the host: /, /etc and all below it, /var and /var/lib themselves, somebody's
// home directory. `path` is absolute; where it is there, links in it are followed.
bool IsSystemPath(const std::string& path);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_SYSTEM_PATH_H_
