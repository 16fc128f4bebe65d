#ifndef DAVIT_WORKER_DATABASE_CONNECTION_APP_NAMES_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_APP_NAMES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/database/connection/database_url.h"

namespace davit::database {

// Where the application's containers look a name up.
struct AppNetwork {
  std::vector<std::string> networks;               // that they join; empty: the default bridge
  bool host_network = false;                       // they have the host's own network
  std::map<std::string, std::string> extra_hosts;  // name to address, or host-gateway
  std::map<std::string, std::string> directories;  // bind mounts: container's path to host's
};

// What only the container engine knows.
class ContainerNames {
 public:
  virtual ~ContainerNames() = default;
  // Address of the running container that answers to `name` in that network, by its
  // name or an alias; empty: there is none.
  virtual absl::StatusOr<std::string> AddressIn(absl::string_view network, absl::string_view name,
                                                const Call& call) = 0;
  // The host's address that host-gateway stands for.
  virtual absl::StatusOr<std::string> HostGateway(const Call& call) = 0;
};

// The URL with an address for every host that the host's own name service would give
// another one, or none; what containers ask that service for too stays a name. Sockets
// and certificates become the host's path of their mount. A ConnectStatus() of kNameNotFound for
// what can be no database server in a container: localhost is the container itself, a socket needs
// a mount, host.docker.internal an entry in extra_hosts. Other errors are the engine's.
absl::StatusOr<DatabaseUrl> ResolveAsApp(DatabaseUrl url, const AppNetwork& network,
                                         ContainerNames& names, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_APP_NAMES_H_
