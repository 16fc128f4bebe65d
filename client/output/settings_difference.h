#ifndef DAVIT_CLIENT_OUTPUT_SETTINGS_DIFFERENCE_H_
#define DAVIT_CLIENT_OUTPUT_SETTINGS_DIFFERENCE_H_

#include <string>
#include <vector>

#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/secret_service.pb.h"
#include "davit/v1/spec.pb.h"

namespace davit::output {

// In which settings an app of one environment differs from the same app of another:
// "env DEBUG", "container ports", "healthcheck http path", sorted by `what`. What one of
// them lacks is empty where it is an entry (a variable, a file), else "not set". The
// image, and how it is built, are no settings.
std::vector<v1::Difference> SettingsDifferences(const v1::App& from, const v1::App& to);

// Two environments, and the secrets of their project.
struct SecretView {
  std::string from;
  std::string to;
  v1::ListSecretsResponse secrets;
};

// Of the secrets that the app refers to in both environments those whose value is not the
// same one (that one refers to it alone is a difference of its settings): "secret TOKEN: the
// project's, version 1 -> staging's own, version 3".
std::vector<v1::Difference> SecretDifferences(const v1::App& from, const v1::App& to,
                                              const SecretView& view);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_SETTINGS_DIFFERENCE_H_
