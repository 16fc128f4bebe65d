#ifndef DAVIT_WORKER_DOCKER_LOGIN_FILE_H_
#define DAVIT_WORKER_DOCKER_LOGIN_FILE_H_

#include <functional>
#include <optional>
#include <string>

namespace davit::docker {

// Where `docker login` keeps the logins of whoever runs this: config.json in
// $DOCKER_CONFIG, else in ~/.docker. `variable` is of the environment.
std::string DefaultDockerConfigPath(
    const std::function<std::optional<std::string>(const std::string&)>& variable);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_LOGIN_FILE_H_
