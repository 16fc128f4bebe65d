#include "common/spec/address.h"

#include <arpa/inet.h>

#include <string>

namespace davit::spec {
namespace {

bool IsAddress(int family, absl::string_view text) {
  // A NUL would end the text for inet_pton and hide what follows it.
  if (text.find('\0') != absl::string_view::npos) return false;
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(family, std::string(text).c_str(), address) == 1;
}

}  // namespace

bool IsIpv4(absl::string_view text) { return IsAddress(AF_INET, text); }
bool IsIpv6(absl::string_view text) { return IsAddress(AF_INET6, text); }

}  // namespace davit::spec
