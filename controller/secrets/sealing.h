#ifndef DAVIT_CONTROLLER_SECRETS_SEALING_H_
#define DAVIT_CONTROLLER_SECRETS_SEALING_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/secrets/key.h"
#include "controller/store/store.h"
#include "davit/state/v1/state.pb.h"

namespace davit::secrets {

// Puts `value` into the record, sealed for what the record is: a record that says
// otherwise cannot be opened.
void SealInto(const Key& key, absl::string_view value, state::v1::SecretRecord& record);
// SECRET_KEY_UNUSABLE, with the secret that it is about.
absl::StatusOr<std::string> OpenRecord(const Key& key, const state::v1::SecretRecord& record);

// "secret KEY of dev, version 3", without its value.
std::string NameOf(const state::v1::SecretRecord& record);

// What a key is recognised by: a known text, sealed under it.
std::string MakeKeyCheck(const Key& key);
bool PassesKeyCheck(const Key& key, absl::string_view check);

// The key in the file, for which `check` was made; null when there is no file and nothing is
// sealed. SECRET_KEY_UNUSABLE when the file is needed and absent, or holds another key.
absl::StatusOr<std::optional<Key>> FindKeyFor(store::ReadTxn& txn, const std::string& key_file);

}  // namespace davit::secrets

#endif  // DAVIT_CONTROLLER_SECRETS_SEALING_H_
