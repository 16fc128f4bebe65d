#include "common/secret/secret_key.h"

#include "absl/strings/str_cat.h"

namespace davit {

std::string SecretKey(const worker::v1::SecretUse& use) {
  return absl::StrCat(use.environment(), "/", use.name(), "@", use.version());
}

}  // namespace davit
