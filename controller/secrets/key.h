#ifndef DAVIT_CONTROLLER_SECRETS_KEY_H_
#define DAVIT_CONTROLLER_SECRETS_KEY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::secrets {

// The key that secrets are sealed under. Its bytes are locked in memory, so that they
// are not written to swap or a core file, and wiped when it goes.
class Key {
 public:
  static Key Random();
  // SECRET_KEY_UNUSABLE for text that no key was written as.
  static absl::StatusOr<Key> Parse(absl::string_view text);

  // One line of text.
  std::string ToText() const;

  // `plain`, sealed together with `context`: opening it needs the same context, so that
  // sealed values cannot be put in each other's place. Another result each time.
  std::string Seal(absl::string_view plain, absl::string_view context) const;
  // SECRET_KEY_UNUSABLE when it was sealed under another key or for another context, or is
  // damaged.
  absl::StatusOr<std::string> Open(absl::string_view sealed, absl::string_view context) const;

 private:
  // Of libsodium's own memory, which ends the program when it is overrun.
  using Bytes = std::unique_ptr<unsigned char, void (*)(void*)>;
  static Bytes MakeBytes();

  explicit Key(Bytes bytes) : bytes_(std::move(bytes)) {}

  Bytes bytes_;
};

}  // namespace davit::secrets

#endif  // DAVIT_CONTROLLER_SECRETS_KEY_H_
