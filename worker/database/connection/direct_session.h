#ifndef DAVIT_WORKER_DATABASE_CONNECTION_DIRECT_SESSION_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_DIRECT_SESSION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// Whether nothing is between this host and the server of the session that has connections of its
// own: both ends agree on the server's address and both ports, and the server sees an address of
// this host. False where that is not certain: over a unix socket, a pooler, a published port, a
// tunnel, or a network that translates addresses. Errors are Query()'s.
absl::StatusOr<bool> IsDirect(Connection& connection, const Call& call);

// Those of `addresses`, of a container of this host, that can be nobody else's on the server of
// the session: it is direct, and the server is on this host or in the container's own network,
// where an answer to such an address comes to this container alone. Empty where that is not
// certain, as to a server elsewhere, which sees the host's address for all its containers. Errors
// are Query()'s.
absl::StatusOr<std::vector<std::string>> UnmistakableAddresses(
    Connection& connection, const std::vector<std::string>& addresses, const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_DIRECT_SESSION_H_
