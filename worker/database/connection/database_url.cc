#include "worker/database/connection/database_url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "worker/database/connection/database_engines.h"
#include "worker/database/connection/url_options.h"

namespace davit::database {
namespace {

constexpr absl::string_view kEncodingHint =
    "a / ? # @ : or % of a user name or password must be percent-encoded (%2F %3F %23 %40 %3A "
    "%25)";

absl::Status NoUrl(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the database's URL ", what,
                   "; it is written as "
                   "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, and ",
                   kEncodingHint));
}

// As Python does, and unlike libpq, lets a % stand that begins no code.
std::string Decoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

absl::StatusOr<int> PortOf(absl::string_view text) {
  int port = 5432;
  if (!text.empty() && (!absl::SimpleAtoi(text, &port) || port < 1 || port > 65535)) {
    return NoUrl("has a port that is no number from 1 to 65535");
  }
  return port;
}

// host, host:port, [::1]:port or %2Frun%2Fpostgresql.
absl::StatusOr<DatabaseHost> HostOf(absl::string_view text) {
  DatabaseHost host;
  size_t end = text.find(':');
  if (absl::StartsWith(text, "[")) {
    const size_t bracket = text.find(']');
    if (bracket == text.npos) return NoUrl("has a [ without its ]");
    host.name = Decoded(text.substr(1, bracket - 1));
    end = bracket + 1;
    if (end < text.size() && text[end] != ':') return NoUrl("has no : behind its ]");
  } else {
    host.name = Decoded(text.substr(0, end));
  }
  const auto port = PortOf(end < text.size() ? text.substr(end + 1) : "");
  if (!port.ok()) return port.status();
  host.port = *port;
  return host;
}

absl::Status ReadHosts(absl::string_view text, DatabaseUrl& url) {
  for (const absl::string_view piece : absl::StrSplit(text, ',')) {
    absl::StatusOr<DatabaseHost> host = HostOf(piece);
    if (!host.ok()) return host.status();
    url.hosts.push_back(*std::move(host));
  }
  return absl::OkStatus();
}

void ReadUser(absl::string_view text, DatabaseUrl& url) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  url.user = Decoded(parts.first);
  url.password = Decoded(parts.second);
}

// What stands between // and the path. Like Python, the last @ ends the password.
absl::Status ReadAuthority(absl::string_view text, DatabaseUrl& url) {
  const size_t at = text.rfind('@');
  if (at != text.npos) ReadUser(text.substr(0, at), url);
  return ReadHosts(at == text.npos ? text : text.substr(at + 1), url);
}

// database, or, as django-environ has it, /run/postgresql/database.
void ReadPath(absl::string_view text, DatabaseUrl& url) {
  const size_t last = text.rfind('/');
  if (absl::StartsWith(text, "/") && last > 0) {
    url.hosts.front().name = Decoded(text.substr(0, last));
    text.remove_prefix(last + 1);
  }
  url.database = Decoded(text);
}

absl::Status ReadQuery(absl::string_view text, DatabaseUrl& url) {
  for (const absl::string_view piece : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(piece, absl::MaxSplits('=', 1));
    const absl::Status taken = TakeUrlOption(Decoded(parts.first), Decoded(parts.second), url);
    if (!taken.ok()) return NoUrl(taken.message());
  }
  return absl::OkStatus();
}

// What stands behind ://.
absl::StatusOr<DatabaseUrl> ParseRest(absl::string_view rest) {
  if (absl::StrContains(rest, '#')) return NoUrl("has a # that is not percent-encoded");
  const std::pair<absl::string_view, absl::string_view> query =
      absl::StrSplit(rest, absl::MaxSplits('?', 1));
  if (absl::StrContains(query.second, '@') && !absl::StrContains(query.first, '@')) {
    return NoUrl("has a ? before its @");
  }
  const std::pair<absl::string_view, absl::string_view> path =
      absl::StrSplit(query.first, absl::MaxSplits('/', 1));
  DatabaseUrl url;
  absl::Status status = ReadAuthority(path.first, url);
  if (!status.ok()) return status;
  ReadPath(path.second, url);
  status = ReadQuery(query.second, url);
  if (!status.ok()) return status;
  for (DatabaseHost& host : url.hosts) {
    if (host.name.empty()) host.name = "localhost";
  }
  return url;
}

std::string HostText(const DatabaseHost& host) {
  if (host.IsSocket()) return absl::StrCat(host.name, "/.s.PGSQL.", host.port);
  const bool six = absl::StrContains(host.name, ':');
  return absl::StrCat(six ? "[" : "", host.name, six ? "]" : "", ":", host.port);
}

}  // namespace

std::string DatabaseUrl::HostsText() const {
  return absl::StrJoin(hosts, ",", [](std::string* out, const DatabaseHost& host) {
    absl::StrAppend(out, HostText(host));
  });
}

std::string DatabaseUrl::Redacted() const {
  return absl::StrCat("postgresql://", user, user.empty() ? "" : "@", HostsText(), "/", database);
}

absl::StatusOr<DatabaseUrl> ParseDatabaseUrl(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return NoUrl("is empty");
  const absl::Status engine = CheckEngine(text);
  if (!engine.ok()) return engine;
  const size_t rest = text.find("://");
  if (rest == text.npos) return NoUrl("has no ://");
  return ParseRest(text.substr(rest + 3));
}

}  // namespace davit::database
