#include "worker/database/connection/session_start.h"

#include <poll.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "worker/database/connection/connect_reason.h"

namespace davit::database {
namespace {

// How late a cancellation is noticed.
constexpr absl::Duration kLookAtCall = absl::Milliseconds(50);

using ConninfoPairs = std::vector<std::pair<std::string, std::string>>;

void AddIfGiven(absl::string_view key, const std::string& value, ConninfoPairs& pairs) {
  if (!value.empty()) pairs.emplace_back(key, value);
}

ConninfoPairs ConninfoOf(const DatabaseUrl& url, const DatabaseHost& host,
                         const ConnectOptions& options) {
  // A peer that has gone away ends the session within about half a minute.
  ConninfoPairs pairs = {{"application_name", options.application_name},
                         {"keepalives_idle", "10"},
                         {"keepalives_interval", "5"},
                         {"keepalives_count", "3"},
                         {"tcp_user_timeout", "30000"},
                         // Not the password file of whoever runs the worker.
                         {"passfile", "/nonexistent"}};
  pairs.insert(pairs.end(), url.options.begin(), url.options.end());
  pairs.emplace_back("host", host.name);
  AddIfGiven("hostaddr", host.address, pairs);
  pairs.emplace_back("port", absl::StrCat(host.port));
  AddIfGiven("user", url.user, pairs);
  AddIfGiven("password", url.password, pairs);
  AddIfGiven("dbname", url.database, pairs);
  return pairs;
}

Session Begin(const ConninfoPairs& pairs) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : pairs) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  return Session(PQconnectStartParams(keys.data(), values.data(), /*expand_dbname=*/0));
}

absl::Status RefusalOf(const PGconn* session) {
  const ServerWords words = ReadServerWords(PQerrorMessage(session));
  return ConnectStatus(ReasonFor(words.sqlstate, words.text), words.text, words.sqlstate);
}

// Waits until the socket is ready for what libpq wants, or a look at the call is due.
void AwaitSocket(const PGconn* session, PostgresPollingStatusType wanted, absl::Duration left) {
  pollfd socket{.fd = PQsocket(session),
                .events = static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT)};
  const absl::Duration wait = std::clamp(left, absl::Milliseconds(1), kLookAtCall);
  poll(&socket, 1, static_cast<int>(absl::ToInt64Milliseconds(wait)));
}

bool SocketIsReady(const PGconn* session, PostgresPollingStatusType wanted) {
  pollfd socket{.fd = PQsocket(session),
                .events = static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT)};
  return poll(&socket, 1, 0) > 0;
}

absl::Status NoAnswer(absl::Duration timeout) {
  return ConnectStatus(
      ConnectReason::kTimeout,
      absl::StrCat("no session within ", absl::FormatDuration(timeout), " of connecting"));
}

// Goes on with the handshake to its end.
absl::Status Complete(PGconn* session, absl::Duration timeout, const Call& call) {
  const Call limited = call.Within(timeout);
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;  // as libpq's manual says
  while (wanted != PGRES_POLLING_OK) {
    if (wanted == PGRES_POLLING_FAILED) return RefusalOf(session);
    AwaitSocket(session, wanted, limited.Remaining());
    if (const absl::Status status = call.Check(); !status.ok()) return status;
    if (SocketIsReady(session, wanted)) {
      wanted = PQconnectPoll(session);
    } else if (!limited.Check().ok()) {
      return NoAnswer(timeout);
    }
  }
  return absl::OkStatus();
}

bool IsState(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || absl::ascii_isupper(c); });
}

// The five characters between two colons, as in "FATAL:  28P01: password…".
size_t FindState(absl::string_view text) {
  for (size_t i = 0; i + 6 < text.size(); ++i) {
    if (text[i] != ' ' || text[i + 6] != ':') continue;
    if (IsState(text.substr(i + 1, 5))) return i + 1;
  }
  return absl::string_view::npos;
}

}  // namespace

ServerWords ReadServerWords(absl::string_view verbose) {
  ServerWords words;
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(verbose, '\n', absl::SkipWhitespace())) {
    const size_t state = FindState(line);
    if (absl::StartsWith(line, "LOCATION:")) continue;  // in the server's source
    if (words.sqlstate.empty() && state != line.npos) {
      words.sqlstate = std::string(line.substr(state, 5));
      lines.push_back(absl::StrCat(absl::StripTrailingAsciiWhitespace(line.substr(0, state)), " ",
                                   absl::StripLeadingAsciiWhitespace(line.substr(state + 6))));
    } else {
      lines.emplace_back(absl::StripAsciiWhitespace(line));
    }
  }
  words.text = absl::StrJoin(lines, "\n");
  return words;
}

absl::StatusOr<Session> StartSession(const DatabaseUrl& url, const DatabaseHost& host,
                                     const ConnectOptions& options, const Call& call) {
  if (const absl::Status status = call.Check(); !status.ok()) return status;
  Session session = Begin(ConninfoOf(url, host, options));
  if (session == nullptr) return absl::ResourceExhaustedError("out of memory");
  if (PQstatus(session.get()) == CONNECTION_BAD) return RefusalOf(session.get());
  PQsetErrorVerbosity(session.get(), PQERRORS_VERBOSE);
  const absl::Status status = Complete(session.get(), options.connect_timeout, call);
  if (!status.ok()) return status;
  PQsetErrorVerbosity(session.get(), PQERRORS_DEFAULT);
  return session;
}

}  // namespace davit::database
