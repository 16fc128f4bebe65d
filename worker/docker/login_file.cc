#include "worker/docker/login_file.h"

namespace davit::docker {

std::string DefaultDockerConfigPath(
    const std::function<std::optional<std::string>(const std::string&)>& variable) {
  const std::string directory = variable("DOCKER_CONFIG").value_or("");
  return directory.empty() ? variable("HOME").value_or("") + "/.docker/config.json"
                           : directory + "/config.json";
}

}  // namespace davit::docker
