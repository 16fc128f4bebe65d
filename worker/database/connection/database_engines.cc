#include "worker/database/connection/database_engines.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

constexpr absl::string_view kPostgresSchemes[] = {"postgres", "postgresql", "pgsql",       "psql",
                                                  "postgis",  "timescale",  "timescalegis"};

struct OtherEngine {
  absl::string_view start;  // of the scheme
  absl::string_view name;
};

constexpr OtherEngine kOtherEngines[] = {{"mysql", "MySQL"},
                                         {"mariadb", "MariaDB"},
                                         {"sqlite", "SQLite"},
                                         {"spatialite", "SQLite"},
                                         {"oracle", "Oracle Database"},
                                         {"mssql", "SQL Server"},
                                         {"sqlserver", "SQL Server"},
                                         {"cockroach", "CockroachDB"},
                                         {"redshift", "Amazon Redshift"},
                                         {"mongodb", "MongoDB"},
                                         {"redis", "Redis"}};

// A scheme is short and of these letters; what is not may be a password.
bool IsScheme(absl::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '_' || c == '.';
  });
}

std::string EngineName(absl::string_view scheme) {
  for (const OtherEngine& other : kOtherEngines) {
    if (absl::StartsWith(scheme, other.start)) return std::string(other.name);
  }
  return "not PostgreSQL";
}

absl::Status NotPostgres(absl::string_view scheme) {
  return absl::UnimplementedError(absl::StrCat(
      "the database's URL begins with ", scheme, "://, which is ", EngineName(scheme),
      ": Davit waits for, backs up, migrates and restores PostgreSQL alone. What still works: "
      "tasks, "
      "as commands in containers of the new image; take the app's `database` out of davit.yaml, "
      "declare the migration as its first task, and back it up by other means"));
}

}  // namespace

absl::Status CheckEngine(absl::string_view url) {
  std::string scheme = absl::AsciiStrToLower(url.substr(0, url.find("://")));
  if (absl::StartsWith(scheme, "jdbc:")) scheme.erase(0, 5);
  if (url.find("://") == url.npos || !IsScheme(scheme)) {
    return absl::InvalidArgumentError(
        "the database's URL does not begin with a scheme; it is written as "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  const absl::string_view engine = absl::string_view(scheme).substr(0, scheme.find('+'));
  for (const absl::string_view known : kPostgresSchemes) {
    if (engine == known) return absl::OkStatus();
  }
  return NotPostgres(scheme);
}

}  // namespace davit::database
