#include "common/daemon/core_files.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace davit {

void LeaveNoCores() {
  // Neither can fail: a limit may always be lowered.
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // A handler such as systemd-coredump does not ask for the limit.
  prctl(PR_SET_DUMPABLE, 0L);
}

}  // namespace davit
