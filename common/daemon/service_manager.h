#ifndef DAVIT_COMMON_DAEMON_SERVICE_MANAGER_H_
#define DAVIT_COMMON_DAEMON_SERVICE_MANAGER_H_

#include <string>

namespace davit {

// Tell systemd, where it has started the process with Type=notify. `status` is
// for `systemctl status`.
void NotifyReady(const std::string& status);
void NotifyStopping();

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_SERVICE_MANAGER_H_
