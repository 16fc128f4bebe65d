#include <array>

#include "absl/strings/match.h"
#include "worker/database/connection/connect_reason.h"

namespace davit::database {
namespace {

struct ReasonRule {
  absl::string_view sign;
  ConnectReason reason;
};

// https://www.postgresql.org/docs/current/errcodes-appendix.html. A database's
// datallowconn = false is 55000.
constexpr ReasonRule kByState[] = {
    {"28P01", ConnectReason::kAuthentication}, {"28000", ConnectReason::kNotAllowed},
    {"42501", ConnectReason::kNotAllowed},     {"55000", ConnectReason::kSwitchedOff},
    {"3D000", ConnectReason::kNoSuchDatabase}, {"53300", ConnectReason::kTooManyClients},
    {"57P03", ConnectReason::kStartingUp},     {"57P01", ConnectReason::kShuttingDown},
    {"57P02", ConnectReason::kShuttingDown}};

// libpq's and the system's words, and pgbouncer's, whose SQLSTATE says nothing. The
// first that fits counts: a connection that TLS ended names TLS and its end.
constexpr ReasonRule kByWords[] = {{"could not translate host name", ConnectReason::kNameNotFound},
                                   // What target_session_attrs of the URL does not take.
                                   {"server is in hot standby mode", ConnectReason::kStandby},
                                   {"session is read-only", ConnectReason::kReadOnly},
                                   {"SSL", ConnectReason::kTls},
                                   {"certificate", ConnectReason::kTls},
                                   {"Connection refused", ConnectReason::kRefused},
                                   {"No such file or directory", ConnectReason::kRefused},
                                   {"No route to host", ConnectReason::kUnreachable},
                                   {"Network is unreachable", ConnectReason::kUnreachable},
                                   {"Permission denied", ConnectReason::kUnreachable},
                                   {"no more connections allowed", ConnectReason::kTooManyClients},
                                   {"no such database", ConnectReason::kNoSuchDatabase},
                                   {"no such user", ConnectReason::kAuthentication},
                                   {"password", ConnectReason::kAuthentication},
                                   {"authentication", ConnectReason::kAuthentication},
                                   {"shutting down", ConnectReason::kShuttingDown},
                                   {"starting up", ConnectReason::kStartingUp},
                                   {"server login has been failing", ConnectReason::kStartingUp},
                                   {"timeout", ConnectReason::kTimeout},
                                   {"timed out", ConnectReason::kTimeout},
                                   {"server closed the connection", ConnectReason::kClosed},
                                   {"Connection reset", ConnectReason::kClosed},
                                   {"Broken pipe", ConnectReason::kClosed}};

}  // namespace

ConnectReason ReasonFor(absl::string_view sqlstate, absl::string_view words) {
  if (sqlstate == "57P03" && absl::StrContains(words, "shutting down")) {
    return ConnectReason::kShuttingDown;
  }
  for (const ReasonRule& rule : kByState) {
    if (sqlstate == rule.sign) return rule.reason;
  }
  for (const ReasonRule& rule : kByWords) {
    if (absl::StrContains(words, rule.sign)) return rule.reason;
  }
  return ConnectReason::kOther;
}

bool MayPass(ConnectReason reason) { return reason != ConnectReason::kTls; }

absl::string_view ReasonText(ConnectReason reason) {
  constexpr std::array<absl::string_view, 16> kTexts = {
      "other",       "refused",          "name not found",    "unreachable",  "authentication",
      "not allowed", "no such database", "too many clients",  "starting up",  "shutting down",
      "TLS",         "timeout",          "connection closed", "switched off", "standby",
      "read-only"};
  return kTexts.at(static_cast<size_t>(reason));
}

}  // namespace davit::database
