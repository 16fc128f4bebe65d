#include "common/rpc/transport_error.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace davit {
namespace {

// What gRPC says, and what it says of `where`.
struct Known {
  absl::string_view message;
  absl::string_view before;
  absl::string_view after;
};

constexpr Known kKnown[] = {
    {"Connection refused", "", " refuses connections: nothing listens there"},
    {"No such file or directory", "there is no socket ", ""},
    {"Permission denied", "this process may not connect to ", ""},
    {"No route to host", "there is no route to ", ""},
    {"Network is unreachable", "there is no route to ", ""},
    {"is not in peer certificate", "the certificate that ", " shows is for another name"},
    {"CERTIFICATE_VERIFY_FAILED", "the certificate that ", " shows is not accepted"},
    {"Ssl handshake failed", "the TLS handshake with ", " fails"},
    {"SSL_ERROR", "the TLS handshake with ", " fails"},
    {"tcp handshaker shutdown", "", " takes no connection in time"},
    {"Timeout occurred", "", " does not answer"},
    {"timed out", "", " does not answer"},
    {"watchdog timeout", "", " answers no more: the host is down, or the network is cut"},
    {"Connection reset by peer", "", " has broken the connection off"},
    {"Broken pipe", "", " has broken the connection off"},
    {"Cancelling all calls", "", " is ending"},
    {"Socket closed", "", " has closed the connection"},
    {"Deadline Exceeded", "", " gives no answer in time"},
};

// The text after `mark` up to `end`.
absl::string_view After(absl::string_view message, absl::string_view mark, absl::string_view end) {
  const size_t begin = message.rfind(mark);
  if (begin == absl::string_view::npos) return "";
  const absl::string_view rest = message.substr(begin + mark.size());
  return rest.substr(0, rest.find(end));
}

// The address that is meant, the last one where there are several.
std::string Where(absl::string_view message) {
  for (const absl::string_view scheme : {"ipv4:", "ipv6:", "unix:"}) {
    const absl::string_view address = After(message, scheme, ": ");
    if (!address.empty()) return absl::StrReplaceAll(address, {{"%5B", "["}, {"%5D", "]"}});
  }
  return "it";
}

}  // namespace

std::string TransportErrorInWords(absl::string_view message) {
  if (absl::StrContains(message, "C-ares status is not ARES_SUCCESS")) {
    const absl::string_view name = After(message, " name=", " ");
    const bool timed_out = absl::StrContains(message, "Timeout");
    return absl::StrCat("the name ", name,
                        timed_out ? " is not found in time: no name server answers"
                                  : " has no address that is known here");
  }
  const auto* known = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& entry) {
    return absl::StrContains(message, entry.message);
  });
  if (known == std::end(kKnown)) return std::string(message);
  return absl::StrCat(known->before, Where(message), known->after);
}

}  // namespace davit
