#ifndef DAVIT_COMMON_DAEMON_END_SIGNALS_H_
#define DAVIT_COMMON_DAEMON_END_SIGNALS_H_

#include "absl/time/time.h"

namespace davit {

// Lets SIGTERM and SIGINT wait for WasToldToEnd(), and ignores SIGPIPE. To be
// called before the process has other threads: they inherit it.
void BlockEndSignals();

// Whether the process is told to end, within `timeout`. Takes one signal.
bool WasToldToEnd(absl::Duration timeout);

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_END_SIGNALS_H_
