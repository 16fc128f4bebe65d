#ifndef DAVIT_WORKER_DATABASE_CONNECTION_ENGINE_NAMES_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_ENGINE_NAMES_H_

#include <string>

#include "worker/database/connection/app_names.h"
#include "worker/docker/http.h"

namespace davit::database {

// What the Docker Engine at that socket knows. Thread-safe.
class EngineNames final : public ContainerNames {
 public:
  explicit EngineNames(std::string socket_path) : http_(std::move(socket_path)) {}

  // A network that is not there has no containers.
  absl::StatusOr<std::string> AddressIn(absl::string_view network, absl::string_view name,
                                        const Call& call) override;
  // Of the default bridge. NOT_FOUND where the engine has none.
  absl::StatusOr<std::string> HostGateway(const Call& call) override;

 private:
  docker::HttpClient http_;
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_ENGINE_NAMES_H_
