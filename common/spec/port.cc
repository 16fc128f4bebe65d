#include "common/spec/port.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/spec/address.h"

namespace davit::spec {
namespace {

constexpr int kMaxPort = 65535;

absl::StatusOr<int> ParseNumber(absl::string_view what, absl::string_view text) {
  if (text.find('-') != absl::string_view::npos) {
    return absl::InvalidArgumentError("ranges of ports are not supported; list each port");
  }
  int number = 0;
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
  if (!digits || !absl::SimpleAtoi(text, &number) || number < 1 || number > kMaxPort) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", what, " port must be a number from 1 to ", kMaxPort));
  }
  return number;
}

absl::Status TakeProtocol(absl::string_view* rest, PublishedPort* port) {
  const size_t slash = rest->find('/');
  port->protocol = "tcp";
  if (slash == absl::string_view::npos) return absl::OkStatus();
  port->protocol = std::string(rest->substr(slash + 1));
  if (port->protocol != "tcp" && port->protocol != "udp") {
    return absl::InvalidArgumentError("the protocol after '/' must be tcp or udp");
  }
  *rest = rest->substr(0, slash);
  return absl::OkStatus();
}

absl::Status TakeHostIp(absl::string_view text, PublishedPort* port) {
  if (!text.empty() && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (!IsIpv6(text)) {
      return absl::InvalidArgumentError("the host address between '[' and ']' must be IPv6");
    }
  } else if (!IsIpv4(text)) {
    return absl::InvalidArgumentError("the host address must be IPv4, or IPv6 between '[' and ']'");
  }
  port->host_ip = std::string(text);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PublishedPort> ParsePort(absl::string_view text) {
  PublishedPort port;
  if (absl::Status status = TakeProtocol(&text, &port); !status.ok()) return status;
  const size_t last = text.rfind(':');
  if (last == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "a published port is HOST_PORT:CONTAINER_PORT, such as \"8080:80\"");
  }
  absl::StatusOr<int> container = ParseNumber("container", text.substr(last + 1));
  if (!container.ok()) return container.status();
  absl::string_view host = text.substr(0, last);
  const size_t before = host.rfind(':');
  if (before != absl::string_view::npos) {
    absl::Status status = TakeHostIp(host.substr(0, before), &port);
    if (!status.ok()) return status;
    host = host.substr(before + 1);
  }
  absl::StatusOr<int> published = ParseNumber("host", host);
  if (!published.ok()) return published.status();
  port.host_port = *published;
  port.container_port = *container;
  return port;
}

}  // namespace davit::spec
