#ifndef DAVIT_WORKER_STEPS_CONTAINER_SECRETS_H_
#define DAVIT_WORKER_STEPS_CONTAINER_SECRETS_H_

#include <string>
#include <vector>

#include "davit/worker/v1/container.pb.h"

namespace davit::steps {

// Label that says which secrets a container was given, by SecretKey(): whoever tells
// of its output later knows what has to be masked in it.
inline constexpr char kSecretsLabel[] = "davit.secrets";

// Puts the label onto what is to be made, if the spec uses secrets.
void LabelSecrets(const worker::v1::ContainerSpec& spec, worker::v1::ContainerSpec& made);

// What the label of a container says; empty when it has none.
std::vector<std::string> SecretsOfContainer(const worker::v1::ObservedContainer& container);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_CONTAINER_SECRETS_H_
