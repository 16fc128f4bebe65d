#ifndef DAVIT_WORKER_STEPS_HOST_PORT_OWNER_H_
#define DAVIT_WORKER_STEPS_HOST_PORT_OWNER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "davit/worker/v1/container.pb.h"

namespace davit::steps {

// "8080/tcp", "127.0.0.1:8080/tcp".
std::string Describe(const worker::v1::PortBinding& port);

// Whether both cannot be published at once: same host port and protocol, and
// addresses that meet.
bool Collide(const worker::v1::PortBinding& a, const worker::v1::PortBinding& b);

// The first of `containers` that publishes something that collides.
const worker::v1::ObservedContainer* FindPublisher(
    const worker::v1::PortBinding& port,
    absl::Span<const worker::v1::ObservedContainer> containers);

// Tries whether the host port can be bound now. OK also where we may not try (a
// port below 1024 for a worker that is not root). ALREADY_EXISTS: taken.
// NOT_FOUND: the host does not have the address.
absl::Status TryBind(const worker::v1::PortBinding& port);

// Who listens on the port outside of containers: "nginx (process 812)"; a sentence
// that it cannot be told, when it cannot.
std::string DescribeListener(const worker::v1::PortBinding& port);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HOST_PORT_OWNER_H_
