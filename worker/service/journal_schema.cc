#include "worker/service/journal_schema.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/id.h"

namespace davit::service {
namespace {

// What makes version N+1 of version N; never changed once released.
constexpr const char* kMigrations[] = {
    R"sql(
  CREATE TABLE journal (id TEXT NOT NULL);
  CREATE TABLE step (
    number INTEGER PRIMARY KEY,
    cluster_id TEXT NOT NULL,
    step_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    fence INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    time_unix_nanos INTEGER NOT NULL,
    timeout_nanos INTEGER NOT NULL,
    key BLOB NOT NULL,      -- davit.worker.v1.StepKey
    spec BLOB NOT NULL,     -- davit.worker.v1.StepSpec; empty in a tombstone
    finished BLOB,          -- davit.worker.v1.StepFinished; NULL: not ended
    UNIQUE (cluster_id, step_id, attempt));
  CREATE TABLE fence (
    cluster_id TEXT NOT NULL,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    fence INTEGER NOT NULL,
    PRIMARY KEY (cluster_id, project, environment));
)sql",
    R"sql(
  CREATE TABLE followed (
    cluster_id TEXT PRIMARY KEY,
    controller_id TEXT NOT NULL);
  ALTER TABLE step ADD COLUMN disowned INTEGER NOT NULL DEFAULT 0;
)sql",
    R"sql(
  ALTER TABLE fence ADD COLUMN deployment_id TEXT NOT NULL DEFAULT '';
)sql",
};
constexpr int kSchemaVersion = static_cast<int>(std::size(kMigrations));

void MakeId(SQLite::Database& database) {
  SQLite::Statement insert(database, "INSERT INTO journal (id) VALUES (?)");
  insert.bind(1, NewRandomId());
  insert.exec();
}

}  // namespace

absl::StatusOr<std::string> PrepareJournal(SQLite::Database& database) {
  // Exclusive before WAL: the file stays locked for as long as it is open.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const int found = database.execAndGet("PRAGMA user_version").getInt();
  if (found > kSchemaVersion) {
    return absl::FailedPreconditionError("the worker's journal was written by a newer Davit");
  }
  for (int version = found; version < kSchemaVersion; ++version) {
    database.exec(kMigrations[version]);
  }
  if (found == 0) MakeId(database);
  database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  std::string id = database.execAndGet("SELECT id FROM journal").getString();
  transaction.commit();
  return id;
}

}  // namespace davit::service
