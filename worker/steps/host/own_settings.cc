#include "worker/steps/host/own_settings.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace davit::steps {
namespace {

template <typename Words>
bool Same(const Words& words, const std::vector<std::string>& others) {
  return std::equal(words.begin(), words.end(), others.begin(), others.end());
}

}  // namespace

worker::v1::ObservedSettings OwnSettings(const docker::ContainerDetails& container,
                                         const docker::ImageDetails& image) {
  worker::v1::ObservedSettings settings = container.settings;
  std::vector<std::string> env;
  std::set_difference(container.env.begin(), container.env.end(), image.env.begin(),
                      image.env.end(), std::back_inserter(env));
  for (const std::string& variable : env) {
    settings.add_env_names(variable.substr(0, variable.find('=')));
  }
  std::sort(settings.mutable_env_names()->begin(), settings.mutable_env_names()->end());
  if (settings.user() == image.user) settings.clear_user();
  if (Same(settings.command(), image.command)) settings.clear_command();
  if (Same(settings.entrypoint(), image.entrypoint)) settings.clear_entrypoint();
  return settings;
}

}  // namespace davit::steps
