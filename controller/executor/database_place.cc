#include "controller/executor/database_place.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace davit::executor {
namespace {

constexpr absl::string_view kDefaultPort = "5432";

// What means the machine that it is said on.
bool IsOfTheHost(absl::string_view server) {
  return server == "localhost" || server == "host.docker.internal" || server == "::1" ||
         absl::StartsWith(server, "127.");
}

// What only a network of Docker knows: the name of a container.
bool IsOfANetwork(absl::string_view server) {
  return !absl::StrContains(server, '.') && !absl::StrContains(server, ':') &&
         server != "localhost";
}

bool ShareOne(const std::set<std::string>& one, const std::set<std::string>& other) {
  return std::any_of(one.begin(), one.end(),
                     [&](const std::string& network) { return other.contains(network); });
}

// "[::1]:5433" or "db:5433". False: it is of another form.
bool ReadServer(absl::string_view text, DatabasePlace& place) {
  if (text.empty() || absl::StrContains(text, ',') || absl::StrContains(text, '%')) return false;
  const size_t bracket = text.rfind(']');
  const size_t colon = text.rfind(':');
  const bool has_port =
      colon != absl::string_view::npos && (bracket == absl::string_view::npos || colon > bracket);
  const absl::string_view port = has_port ? text.substr(colon + 1) : "";
  absl::string_view server = has_port ? text.substr(0, colon) : text;
  if (absl::ConsumePrefix(&server, "[")) absl::ConsumeSuffix(&server, "]");
  place.server = absl::AsciiStrToLower(server);
  place.port = std::string(port.empty() ? kDefaultPort : port);
  return !place.server.empty();
}

// Those of libpq, and the ones by which frameworks name PostgreSQL.
bool ConsumeScheme(absl::string_view& rest) {
  absl::ConsumePrefix(&rest, "jdbc:");
  const size_t end = rest.find("://");
  if (end == absl::string_view::npos) return false;
  absl::string_view scheme = rest.substr(0, end);
  scheme = scheme.substr(0, scheme.find('+'));  // the driver's name
  for (const absl::string_view known : {"postgresql", "postgres", "postgis", "pgsql", "psql"}) {
    if (!absl::EqualsIgnoreCase(scheme, known)) continue;
    rest.remove_prefix(end + 3);
    return true;
  }
  return false;
}

}  // namespace

DatabasePlace PlaceOf(absl::string_view url, std::string host, std::set<std::string> networks) {
  DatabasePlace place{.host = std::move(host), .networks = std::move(networks)};
  const absl::string_view whole = absl::StripAsciiWhitespace(url);
  absl::string_view rest = whole;
  place.database = std::string(whole);
  const bool known = ConsumeScheme(rest);
  const size_t slash = rest.find('/');
  // Parameters may name another server.
  if (!known || slash == absl::string_view::npos || absl::StrContains(rest, "host=") ||
      absl::StrContains(rest, "port=") || absl::StrContains(rest, "dbname=")) {
    return place;
  }
  absl::string_view authority = rest.substr(0, slash);
  if (const size_t at = authority.rfind('@'); at != absl::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  absl::string_view database = rest.substr(slash + 1);
  database = database.substr(0, database.find('?'));
  if (database.empty() || !ReadServer(authority, place)) {
    place.server.clear();
    return place;
  }
  place.database = std::string(database);
  return place;
}

bool AreSame(const DatabasePlace& one, const DatabasePlace& other) {
  if (one.server != other.server || one.port != other.port || one.database != other.database) {
    return false;
  }
  if (one.server.empty() || IsOfTheHost(one.server)) return one.host == other.host;
  if (!IsOfANetwork(one.server)) return true;
  return one.host == other.host && ShareOne(one.networks, other.networks);
}

}  // namespace davit::executor
