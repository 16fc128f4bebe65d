#ifndef DAVIT_CONTROLLER_SECRETS_VAULT_H_
#define DAVIT_CONTROLLER_SECRETS_VAULT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/executor/secret_source.h"
#include "controller/secrets/key.h"
#include "controller/store/store.h"

namespace davit::secrets {

// Secrets in a store, sealed under the key in a file. Each is sealed together with its
// project, environment, name and version, so that rows cannot take each other's place.
// The file is made when the first secret is set. Afterwards it has to be there: without
// it, nothing is set, nor opened by a vault that has not read it before. One that is put
// right counts at once. Thread-safe.
//
// SECRET_KEY_UNUSABLE says that the file is missing, is not the process's user's alone, is
// no key, or holds another key than the one that the secrets were sealed under.
class Vault final : public executor::SecretSource {
 public:
  // `store` outlives it.
  Vault(store::Store& store, std::string key_file);

  // Whether secrets can be opened, or there are none that would have to be.
  absl::Status CheckKey();

  struct Change {
    state::v1::SecretRecord secret;  // the newest version
    bool made = false;               // whether this has made it
  };
  // Gives a secret a new version, whose number is one above the highest that it ever had.
  // Of `secret`: project, environment, name, set_time, set_by. With `only_if_changed`, none
  // is made when the newest has that value.
  absl::StatusOr<Change> Set(const state::v1::SecretRecord& secret, absl::string_view value,
                             bool only_if_changed);

  absl::StatusOr<std::string> Value(absl::string_view project,
                                    const worker::v1::SecretUse& use) override;

 private:
  // The key, once it is known to be that of the stored secrets; null when there are none
  // and no file.
  absl::StatusOr<std::shared_ptr<const Key>> ReadKey() const;
  // As it was last read.
  absl::StatusOr<std::shared_ptr<const Key>> FindKey();
  // As the file has it now; made where there is none.
  absl::StatusOr<std::shared_ptr<const Key>> FindOrMakeKey();

  store::Store& store_;
  const std::string key_file_;
  absl::Mutex mutex_;
  std::shared_ptr<const Key> key_ ABSL_GUARDED_BY(mutex_);  // null: not read yet
};

}  // namespace davit::secrets

#endif  // DAVIT_CONTROLLER_SECRETS_VAULT_H_
