#ifndef DAVIT_COMMON_DAEMON_SERVING_H_
#define DAVIT_COMMON_DAEMON_SERVING_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/server.h"
#include "davit/config/v1/config.pb.h"

namespace davit {

// Where and for whom a daemon serves, made from its configuration; the services
// are for the caller to add. Loads the certificate, and makes the directories of
// the sockets where they are absent. Errors say which file or address is wrong.
absl::StatusOr<ServerOptions> MakeServerOptions(const config::v1::ControllerConfig& config);
absl::StatusOr<ServerOptions> MakeServerOptions(const config::v1::WorkerConfig& config);

// "unix:/run/davit/worker.sock and 0.0.0.0:7301"
std::string AddressesInWords(const Server& server);

// Says that `server` serves, to log and service manager; returns when the process
// is told to end. Warns of `tls` before it expires.
void ServeUntilToldToEnd(const std::string& program, const Server& server,
                         const std::optional<TlsIdentity>& tls, const std::string& cert_file);

}  // namespace davit

#endif  // DAVIT_COMMON_DAEMON_SERVING_H_
