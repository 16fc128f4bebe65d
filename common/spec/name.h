#ifndef DAVIT_COMMON_SPEC_NAME_H_
#define DAVIT_COMMON_SPEC_NAME_H_

#include "absl/strings/string_view.h"

namespace davit::spec {

// Names of Docker's networks.
bool IsNetworkName(absl::string_view text);
inline constexpr absl::string_view kNetworkNameSays =
    "letters, digits, '_', '.' and '-', beginning with a letter or digit";

// Names of Docker's volumes: as those of networks, with two characters at least.
bool IsVolumeName(absl::string_view text);

// Names of machines, in the DNS or Davit's own.
bool IsHostName(absl::string_view text);
inline constexpr absl::string_view kHostNameSays =
    "letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_NAME_H_
