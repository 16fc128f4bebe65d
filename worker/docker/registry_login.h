#ifndef DAVIT_WORKER_DOCKER_REGISTRY_LOGIN_H_
#define DAVIT_WORKER_DOCKER_REGISTRY_LOGIN_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "davit/worker/v1/container.pb.h"
#include "worker/docker/engine.h"

namespace davit::docker {

// Where logins for registries come from. The project's go before the host's.
struct LoginSources {
  google::protobuf::RepeatedPtrField<worker::v1::RegistryLogin> logins;  // `registries`
  std::map<std::string, std::string> secrets;                            // values by SecretKey
  std::string docker_config_path;  // as FindRegistryAuth; empty: there is none
};

// How to log in to one registry, and what may be said of it.
struct RegistryAccess {
  std::optional<RegistryAuth> auth;  // nullopt: without a login
  std::string origin;                // where the login is from; names secrets, never values
  std::string mend;                  // what to do when the registry refuses it
};

// For the registry of `reference`. SECRET_MISSING when the value of a secret did
// not come with the request; the errors of FindRegistryAuth.
absl::StatusOr<RegistryAccess> FindRegistryAccess(const LoginSources& sources,
                                                  absl::string_view reference);

// A refusal (REGISTRY_DENIED) also says which login was used; everything else
// stays as it is.
absl::Status ExplainRefusal(const absl::Status& status, const RegistryAccess& access);

// The registry that a server's name in a login means: old clients wrote URLs,
// and Docker Hub, docker.io, has many names.
std::string RegistryOfServer(absl::string_view server);

// The name that the engine wants in a login for `registry`.
std::string ServerAddress(absl::string_view registry);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_REGISTRY_LOGIN_H_
