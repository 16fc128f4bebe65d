#ifndef DAVIT_CONTROLLER_API_SECRETS_SECRET_CONTEXT_H_
#define DAVIT_CONTROLLER_API_SECRETS_SECRET_CONTEXT_H_

#include "common/clock.h"
#include "controller/secrets/vault.h"
#include "controller/store/store.h"

namespace davit::api {

// What the handlers of secrets work with. All outlive the service.
struct SecretContext {
  store::Store& store;
  secrets::Vault& vault;
  const Clock& clock;
};

}  // namespace davit::api

#endif  // DAVIT_CONTROLLER_API_SECRETS_SECRET_CONTEXT_H_
