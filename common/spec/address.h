#ifndef DAVIT_COMMON_SPEC_ADDRESS_H_
#define DAVIT_COMMON_SPEC_ADDRESS_H_

#include "absl/strings/string_view.h"

namespace davit::spec {

// IP addresses as inet_pton(3) reads them, IPv6 without brackets and zone.
bool IsIpv4(absl::string_view text);
bool IsIpv6(absl::string_view text);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_ADDRESS_H_
