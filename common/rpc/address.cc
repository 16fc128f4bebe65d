#include "common/rpc/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace davit {
namespace {

constexpr absl::string_view kUnixScheme = "unix:";
constexpr size_t kLongestHost = 253;  // RFC 1035

bool IsIp(int family, const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(family, host.c_str(), bytes) == 1;
}

bool IsHostName(absl::string_view host) {
  if (host.empty() || host.size() > kLongestHost || host[0] == '-' || host[0] == '.') return false;
  for (const char c : host) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && !absl::StrContains("-._", c)) {
      return false;
    }
  }
  return true;
}

absl::Status Wrong(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is no address: ", why,
      "; write unix:/run/davit/controller.sock, app1.example.com:7301 or [2001:db8::1]:7301"));
}

absl::StatusOr<Address> ParseUnix(absl::string_view text, absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return Wrong(text, "the path must begin with a slash");
  while (absl::StartsWith(path, "//")) path.remove_prefix(1);
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Wrong(text, "a socket's path has at most 107 bytes");
  }
  return UnixAddress(std::string(path));
}

std::string PercentEncoded(absl::string_view text) {
  std::string result;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("/-._~:", c)) {
      result.push_back(c);
    } else {
      absl::StrAppendFormat(&result, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace

Address UnixAddress(std::string path) { return {.is_unix = true, .path = std::move(path)}; }

Address TcpAddress(std::string host, int port) { return {.host = std::move(host), .port = port}; }

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, kUnixScheme)) return ParseUnix(text, rest);
  if (absl::StrContains(text, "://")) return Wrong(text, "an address has no scheme");
  if (absl::StartsWith(text, "/")) return Wrong(text, "a socket's path begins with unix:");
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Wrong(text, "the port is missing");
  absl::string_view host = text.substr(0, colon);
  const absl::string_view digits = text.substr(colon + 1);
  int port = 0;
  if (digits.empty() || !absl::ascii_isdigit(static_cast<unsigned char>(digits[0])) ||
      !absl::SimpleAtoi(digits, &port) || port > 65535) {
    return Wrong(text, "a port is a number from 1 to 65535");
  }
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  Address address = TcpAddress(std::string(host), port);
  if (bracketed) {
    if (!IsIp(AF_INET6, address.host)) return Wrong(text, "no IPv6 address is in the brackets");
  } else if (absl::StrContains(host, ":")) {
    return Wrong(text, "an IPv6 address stands in brackets");
  } else if (!IsHostName(host)) {
    return Wrong(text, "a host has letters, digits, dots and dashes");
  }
  return address;
}

std::string ToText(const Address& address) {
  if (address.is_unix) return absl::StrCat(kUnixScheme, address.path);
  if (absl::StrContains(address.host, ":")) {
    return absl::StrCat("[", address.host, "]:", address.port);
  }
  return absl::StrCat(address.host, ":", address.port);
}

std::string ChannelTarget(const Address& address) {
  if (address.is_unix) return absl::StrCat(kUnixScheme, PercentEncoded(address.path));
  // Literals need no name server.
  if (IsIp(AF_INET, address.host)) return absl::StrCat("ipv4:", ToText(address));
  if (IsIp(AF_INET6, address.host)) return absl::StrCat("ipv6:", PercentEncoded(ToText(address)));
  return absl::StrCat("dns:///", ToText(address));
}

}  // namespace davit
