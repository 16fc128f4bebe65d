#ifndef DAVIT_CONTROLLER_SECRETS_KEY_FILE_H_
#define DAVIT_CONTROLLER_SECRETS_KEY_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/secrets/key.h"

namespace davit::secrets {

// The key in the file at `path`; nullopt when there is no such file. SECRET_KEY_UNUSABLE,
// with the file and what is wrong with it, unless it is a regular file of the process's own
// user, or of any when that is root, that nobody else has rights on (mode 0600), with a key.
absl::StatusOr<std::optional<Key>> ReadKeyFile(const std::string& path);

// Writes the key into a new file (mode 0600) of the user whose directory it is in. When OK
// is returned, it is on disk under its name, whole. SECRET_KEY_UNUSABLE when there is a file
// already, or it cannot be made.
absl::Status WriteKeyFile(const std::string& path, const Key& key);

}  // namespace davit::secrets

#endif  // DAVIT_CONTROLLER_SECRETS_KEY_FILE_H_
