#ifndef DAVIT_CONTROLLER_SECRETS_REKEY_H_
#define DAVIT_CONTROLLER_SECRETS_REKEY_H_

#include <string>

#include "absl/status/status.h"
#include "controller/store/store.h"

namespace davit::secrets {

// Seals everything in the store under the key in `new_file`, which is made where there is
// none, in one transaction. Whatever ends it on the way, the secrets are sealed under one of
// the two, both are on disk, and doing it again completes it. The old file stays: backups of
// before need it. For a store that nobody serves.
//
// SECRET_KEY_UNUSABLE when one of the files cannot be used or what is stored cannot be opened;
// FAILED_PRECONDITION when no secret was ever set, or the files hold the same key.
absl::Status Rekey(store::Store& store, const std::string& old_file, const std::string& new_file);

}  // namespace davit::secrets

#endif  // DAVIT_CONTROLLER_SECRETS_REKEY_H_
