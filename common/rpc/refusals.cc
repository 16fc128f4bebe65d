#include "common/rpc/refusals.h"

#include <grpc/support/log.h>

#include <atomic>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace davit {
namespace {

// Said at the level of debugging, by servers only: chttp2_server.cc.
constexpr absl::string_view kHandshakeFailed = "Handshaking failed: ";
constexpr absl::string_view kRoutines = "SSL routines::";
constexpr absl::string_view kTarget = "target_address:\"";
constexpr size_t kLongestReason = 200;

std::atomic<RefusalSink> refusal_sink = nullptr;

absl::string_view Between(absl::string_view text, absl::string_view begin, absl::string_view end) {
  const size_t at = text.find(begin);
  if (at == absl::string_view::npos) return "";
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

// gRPC's error in short: its name, and what follows in braces, are for its makers.
absl::string_view Reason(absl::string_view error) {
  const absl::string_view openssl = Between(error, kRoutines, " {");
  if (!openssl.empty()) return openssl;
  const absl::string_view text = error.substr(0, error.find(" {"));
  const size_t colon = text.find(':');
  return colon == absl::string_view::npos ? text : text.substr(colon + 1);
}

std::string PeerIn(absl::string_view error) {
  absl::string_view peer = Between(error, kTarget, "\"");
  if (!absl::ConsumePrefix(&peer, "ipv4:")) absl::ConsumePrefix(&peer, "ipv6:");
  return absl::StrCat(peer.empty() ? "" : " from ",
                      absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}}));
}

}  // namespace

void SetRefusalSink(RefusalSink sink) {
  refusal_sink = sink;
  // Its own limit, if it was given one, is for those who look into gRPC.
  if (sink != nullptr) gpr_set_log_verbosity(GPR_LOG_SEVERITY_DEBUG);
}

void TellRefusal(const Refusal& refusal) {
  if (const RefusalSink sink = refusal_sink) sink(refusal);
}

std::optional<Refusal> RefusalIn(absl::string_view message) {
  if (!absl::ConsumePrefix(&message, kHandshakeFailed)) return std::nullopt;
  const std::string peer = PeerIn(message);
  if (!peer.empty()) return Refusal{true, absl::StrCat("a connection", peer, " was given up")};
  const std::string reason = absl::CHexEscape(Reason(message).substr(0, kLongestReason));
  return Refusal{false, absl::StrCat("refused a connection: TLS handshake: ", reason)};
}

}  // namespace davit
