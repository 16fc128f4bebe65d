#ifndef DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_URL_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_URL_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::database {

// Where a server listens.
struct DatabaseHost {
  std::string name;  // a name, an address without brackets, or a unix socket's directory
  int port = 5432;
  std::string address;  // to be dialled for the name; empty: the name is looked up

  bool IsSocket() const { return !name.empty() && name.front() == '/'; }
  auto operator<=>(const DatabaseHost&) const = default;
};

// What the URL of a PostgreSQL database says, percent-decoded. It has the password:
// print Redacted() alone.
struct DatabaseUrl {
  std::vector<DatabaseHost> hosts;             // tried in this order; at least one
  std::string user;                            // empty: not given
  std::string password;                        // empty: not given. Never logged, never in an error
  std::string database;                        // empty: named as the user
  std::map<std::string, std::string> options;  // those that libpq knows: sslmode, options…
  std::vector<std::string> left_out;           // names of the others, the application's own

  // Where the server is: host:port, [::1]:port or a socket's path; several with commas.
  std::string HostsText() const;
  // postgresql://user@host:port/database, without password and options.
  std::string Redacted() const;
};

// Understands what libpq, Django (dj-database-url, django-environ), SQLAlchemy, Rails,
// Prisma and JDBC call a PostgreSQL URL: postgres, postgresql, pgsql, psql, postgis,
// timescale, with or without +driver or jdbc:. UNIMPLEMENTED for another engine, saying
// what still works; INVALID_ARGUMENT for what is no such URL. No error has a piece of
// the URL behind its scheme.
absl::StatusOr<DatabaseUrl> ParseDatabaseUrl(absl::string_view text);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_URL_H_
