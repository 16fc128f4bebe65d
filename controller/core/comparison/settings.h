#ifndef DAVIT_CONTROLLER_CORE_COMPARISON_SETTINGS_H_
#define DAVIT_CONTROLLER_CORE_COMPARISON_SETTINGS_H_

#include <map>
#include <string>

#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/spec.pb.h"
#include "davit/worker/v1/container.pb.h"

// Releases as flat lists of settings, to be compared and shown. No values of secrets.
namespace davit::core {

struct Setting {
  std::string shown;
  std::string exact;  // decides whether it is the same; empty: `shown` does
};

// By "env DEBUG", "file /app/.env", "container ports"… What is not set is not there.
using Settings = std::map<std::string, Setting>;

// The reference, with the beginning of the digest, or else of the id, where it has none.
std::string ShowImage(const std::string& reference, const std::string& digest,
                      const std::string& image_id);

// Of a container of ours and its health check, without the image.
Settings SettingsOf(const worker::v1::ContainerSpec& container, const v1::Healthcheck& check);
// Of one that was found, without the image; only what can be seen of it.
Settings SettingsOf(const worker::v1::ObservedContainer& container);

// Appends what differs, sorted.
void AddDifferences(const Settings& before, const Settings& after, v1::AppChange& change);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_COMPARISON_SETTINGS_H_
