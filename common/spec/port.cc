#include "common/spec/port.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace davit::spec {
namespace {

absl::Status Invalid(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text.substr(0, 100), "\" is no published port: ", why));
}

bool ParseNumber(absl::string_view text, int& port) {
  if (text.empty() || text.size() > 5) return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

bool IsIpv4(absl::string_view text) {
  int parts = 1;
  int value = -1;
  for (char c : text) {
    if (absl::ascii_isdigit(c)) {
      value = (value < 0 ? 0 : value) * 10 + (c - '0');
      if (value > 255) return false;
    } else if (c == '.' && value >= 0) {
      ++parts;
      value = -1;
    } else {
      return false;
    }
  }
  return parts == 4 && value >= 0;
}

bool IsIpv6(absl::string_view text) {
  return text.find(':') != absl::string_view::npos &&
         text.find_first_not_of("0123456789abcdefABCDEF:.") == absl::string_view::npos;
}

// Takes the brackets off an IPv6 address.
absl::StatusOr<std::string> ParseAddress(absl::string_view text, absl::string_view address) {
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    const absl::string_view inner = address.substr(1, address.size() - 2);
    if (IsIpv6(inner)) return std::string(inner);
  } else if (IsIpv4(address)) {
    return std::string(address);
  }
  return Invalid(text, absl::StrCat("\"", address,
                                    "\" is no address; an IPv6 address is written in brackets"));
}

}  // namespace

absl::StatusOr<PublishedPort> ParsePort(absl::string_view text) {
  PublishedPort port;
  absl::string_view rest = text;
  port.protocol = "tcp";
  if (const size_t slash = rest.rfind('/'); slash != absl::string_view::npos) {
    port.protocol = std::string(rest.substr(slash + 1));
    if (port.protocol != "tcp" && port.protocol != "udp") {
      return Invalid(text, "the protocol is tcp or udp");
    }
    rest = rest.substr(0, slash);
  }
  const size_t last = rest.rfind(':');
  if (last == absl::string_view::npos) {
    return Invalid(text, "write HOST_PORT:CONTAINER_PORT, such as \"8000:8000\"");
  }
  const absl::string_view container = rest.substr(last + 1);
  rest = rest.substr(0, last);
  const size_t before = rest.rfind(':');
  const absl::string_view host = before == absl::string_view::npos ? rest : rest.substr(before + 1);
  if (!ParseNumber(container, port.container_port) || !ParseNumber(host, port.host_port)) {
    return Invalid(text, "a port is a number from 1 to 65535");
  }
  if (before == absl::string_view::npos) return port;
  absl::StatusOr<std::string> address = ParseAddress(text, rest.substr(0, before));
  if (!address.ok()) return address.status();
  port.host_ip = *std::move(address);
  return port;
}

}  // namespace davit::spec
