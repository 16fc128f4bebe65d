#include "controller/store/sqlite/schema.h"

#include <SQLiteCpp/Transaction.h>

#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/store/sqlite/identity.h"

namespace davit::store {
namespace {

// "davi", so that a database of another program is not taken for ours.
constexpr int64_t kApplicationId = 0x64617669;

// Migration i leads from schema i to i + 1. One that was released is never
// changed: add the next one.
constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE deployments (
  id          TEXT PRIMARY KEY,
  project     TEXT NOT NULL,
  environment TEXT NOT NULL,
  state       INTEGER NOT NULL,
  finished    INTEGER NOT NULL,
  request_id  TEXT UNIQUE,
  record      BLOB NOT NULL
);
CREATE INDEX deployments_by_project ON deployments (project, id);
CREATE INDEX deployments_by_environment ON deployments (environment, id);
CREATE INDEX deployments_by_both ON deployments (project, environment, id);
CREATE INDEX deployments_unfinished ON deployments (id) WHERE finished = 0;

CREATE TABLE steps (
  deployment_id TEXT NOT NULL REFERENCES deployments (id),
  idx           INTEGER NOT NULL,
  record        BLOB NOT NULL,
  PRIMARY KEY (deployment_id, idx)
) WITHOUT ROWID;

CREATE TABLE events (
  deployment_id TEXT NOT NULL REFERENCES deployments (id),
  sequence      INTEGER NOT NULL,
  compressed    INTEGER NOT NULL,
  event         BLOB NOT NULL,
  PRIMARY KEY (deployment_id, sequence)
) WITHOUT ROWID;

CREATE TABLE locks (
  project     TEXT NOT NULL,
  environment TEXT NOT NULL,
  record      BLOB NOT NULL,
  PRIMARY KEY (project, environment)
) WITHOUT ROWID;

CREATE TABLE releases (
  project     TEXT NOT NULL,
  environment TEXT NOT NULL,
  app         TEXT NOT NULL,
  number      INTEGER NOT NULL,
  live        INTEGER NOT NULL,
  record      BLOB NOT NULL,
  PRIMARY KEY (project, environment, app, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX releases_live ON releases (project, environment, app) WHERE live = 1;
)sql",
    R"sql(
CREATE TABLE hosts (name TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE secrets (
  project     TEXT NOT NULL,
  environment TEXT NOT NULL,
  name        TEXT NOT NULL,
  version     INTEGER NOT NULL,
  removed     INTEGER NOT NULL,
  record      BLOB NOT NULL,
  PRIMARY KEY (project, environment, name, version)
) WITHOUT ROWID;
CREATE TABLE secret_key (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL);
)sql",
};

int64_t Pragma(Connection& connection, const char* sql) {
  Query query(connection, sql);
  return query.Next() ? query.Number(0) : 0;
}

absl::Status CheckOurs(Connection& connection, int64_t version) {
  if (version > SchemaVersion()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "The store has schema ", version, ", but this Davit knows schemas up to ", SchemaVersion(),
        " only: it was written by a newer Davit. Run that one, or a newer one."));
  }
  const int64_t application = Pragma(connection, "PRAGMA application_id");
  const int64_t tables = Pragma(connection, "SELECT count(*) FROM sqlite_master");
  if (application == kApplicationId || (version == 0 && tables == 0)) return absl::OkStatus();
  return absl::FailedPreconditionError("The file is a database of another program.");
}

void Migrate(Connection& connection, int64_t version) {
  for (int64_t next = version; next < SchemaVersion(); ++next) {
    connection.Execute(kMigrations[next]);
  }
  MakeIdentity(connection);
  connection.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId).c_str());
  connection.Execute(absl::StrCat("PRAGMA user_version = ", SchemaVersion()).c_str());
}

}  // namespace

int SchemaVersion() { return static_cast<int>(std::size(kMigrations)); }

absl::StatusOr<int64_t> ReadSchemaVersion(Connection& connection) {
  const int64_t version = Pragma(connection, "PRAGMA user_version");
  if (absl::Status status = CheckOurs(connection, version); !status.ok()) return status;
  return version;
}

absl::Status MigrateSchema(Connection& connection) {
  SQLite::Transaction transaction(connection.database(), SQLite::TransactionBehavior::IMMEDIATE);
  const auto version = ReadSchemaVersion(connection);
  if (!version.ok()) return version.status();
  if (*version < SchemaVersion()) Migrate(connection, *version);
  RenewIdentityOfCopy(connection, absl::Now());
  transaction.commit();
  return absl::OkStatus();
}

}  // namespace davit::store
