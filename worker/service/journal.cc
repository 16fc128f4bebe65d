#include "worker/service/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <utility>

#include "common/failure/failure.h"
#include "common/id.h"

namespace davit::service {
namespace {

using worker::v1::StepKey;

constexpr int kSchemaVersion = 1;
constexpr absl::string_view kSchema = R"sql(
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
)sql";
constexpr char kColumns[] =
    "SELECT key, fence, spec, timeout_nanos, time_unix_nanos, cancel_requested, finished FROM "
    "step ";

absl::Status ToStatus(const SQLite::Exception& e) {
  const std::string message = absl::StrCat("the worker's journal: ", e.what());
  switch (e.getErrorCode()) {
    case SQLITE_FULL:
      return FailureStatus(v1::DISK_FULL, message);
    case SQLITE_BUSY:
      return absl::FailedPreconditionError(
          "the worker's journal is in use: another worker has the same state directory");
    default:
      return FailureStatus(v1::INTERNAL, message);
  }
}

void BindKey(SQLite::Statement& statement, const StepKey& key) {
  statement.bind(":cluster", key.cluster_id());
  statement.bind(":step", key.step_id());
  statement.bind(":attempt", key.attempt());
}
constexpr char kWhereKey[] =
    " WHERE cluster_id = :cluster AND step_id = :step AND attempt = :attempt";

void BindScope(SQLite::Statement& statement, const Scope& scope) {
  statement.bind(":cluster", scope.cluster_id);
  statement.bind(":project", scope.project);
  statement.bind(":environment", scope.environment);
}
constexpr char kWhereScope[] =
    " WHERE cluster_id = :cluster AND project = :project AND environment = :environment";

void BindMessage(SQLite::Statement& statement, const char* name,
                 const google::protobuf::MessageLite& message) {
  const std::string bytes = message.SerializeAsString();
  statement.bind(name, bytes.data(), static_cast<int>(bytes.size()));
}

bool ParseColumn(const SQLite::Column& column, google::protobuf::MessageLite& message) {
  return message.ParseFromArray(column.getBlob(), column.getBytes());
}

absl::StatusOr<JournaledStep> ReadStep(SQLite::Statement& row) {
  JournaledStep step;
  Intent& intent = step.intent;
  bool ok = ParseColumn(row.getColumn(0), intent.key) && ParseColumn(row.getColumn(2), intent.spec);
  intent.fence = row.getColumn(1).getInt64();
  intent.timeout = absl::Nanoseconds(row.getColumn(3).getInt64());
  intent.time = absl::FromUnixNanos(row.getColumn(4).getInt64());
  step.cancel_requested = row.getColumn(5).getInt() != 0;
  if (!row.getColumn(6).isNull()) ok = ok && ParseColumn(row.getColumn(6), step.finished.emplace());
  if (!ok) return FailureStatus(v1::INTERNAL, "the worker's journal holds a step it cannot read");
  return step;
}

}  // namespace

Scope ScopeOf(const StepKey& key) { return {key.cluster_id(), key.project(), key.environment()}; }

Journal::Journal(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}
Journal::~Journal() = default;

template <typename Body>
auto Journal::WithDatabase(Body body) {
  using Result = decltype(body(std::declval<SQLite::Database&>()));
  absl::MutexLock lock(&mutex_);
  try {
    return body(*database_);
  } catch (const SQLite::Exception& e) {
    return Result(ToStatus(e));
  }
}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  try {
    auto database =
        std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    auto journal = std::unique_ptr<Journal>(new Journal(std::move(database)));
    if (absl::Status status = journal->Prepare(); !status.ok()) return status;
    return journal;
  } catch (const SQLite::Exception& e) {
    return ToStatus(e);
  }
}

absl::Status Journal::Prepare() {
  return WithDatabase([this](SQLite::Database& database) {
    // Exclusive before WAL: the file stays locked for as long as it is open.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    const int version = database.execAndGet("PRAGMA user_version").getInt();
    if (version > kSchemaVersion) {
      return absl::FailedPreconditionError("the worker's journal was written by a newer Davit");
    }
    if (version == 0) {
      database.exec(std::string(kSchema));
      SQLite::Statement insert(database, "INSERT INTO journal (id) VALUES (?)");
      insert.bind(1, NewRandomId());
      insert.exec();
      database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
    }
    id_ = database.execAndGet("SELECT id FROM journal").getString();
    transaction.commit();
    return absl::OkStatus();
  });
}

absl::Status Journal::WriteIntent(const Intent& intent) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Statement insert(
        database,
        "INSERT INTO step (cluster_id, step_id, attempt, project, environment, fence, "
        "time_unix_nanos, timeout_nanos, key, spec) VALUES (:cluster, :step, :attempt, :project, "
        ":environment, :fence, :time, :timeout, :key, :spec)");
    BindScope(insert, ScopeOf(intent.key));
    insert.bind(":step", intent.key.step_id());
    insert.bind(":attempt", intent.key.attempt());
    insert.bind(":fence", intent.fence);
    insert.bind(":time", absl::ToUnixNanos(intent.time));
    insert.bind(":timeout", absl::ToInt64Nanoseconds(intent.timeout));
    BindMessage(insert, ":key", intent.key);
    BindMessage(insert, ":spec", intent.spec);
    insert.exec();
    return absl::OkStatus();
  });
}

absl::Status Journal::WriteCancelRequest(const StepKey& key) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Statement update(database,
                             absl::StrCat("UPDATE step SET cancel_requested = 1", kWhereKey));
    BindKey(update, key);
    update.exec();
    return absl::OkStatus();
  });
}

absl::Status Journal::WriteResult(const StepKey& key, const worker::v1::StepFinished& finished) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Statement update(database,
                             absl::StrCat("UPDATE step SET finished = :finished", kWhereKey));
    BindKey(update, key);
    BindMessage(update, ":finished", finished);
    if (update.exec() == 1) return absl::OkStatus();
    return FailureStatus(v1::INTERNAL, "a result for a step that the journal does not know");
  });
}

absl::Status Journal::Acknowledge(const StepKey& key) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Statement update(
        database,
        absl::StrCat("UPDATE step SET acknowledged = 1, spec = x'', finished = NULL", kWhereKey));
    BindKey(update, key);
    update.exec();
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<JournaledStep>> Journal::Find(const StepKey& key) {
  using Result = absl::StatusOr<std::optional<JournaledStep>>;
  return WithDatabase([&](SQLite::Database& database) -> Result {
    SQLite::Statement select(database, absl::StrCat(kColumns, kWhereKey, " AND acknowledged = 0"));
    BindKey(select, key);
    if (!select.executeStep()) return std::nullopt;
    absl::StatusOr<JournaledStep> step = ReadStep(select);
    if (!step.ok()) return step.status();
    return *std::move(step);
  });
}

absl::StatusOr<bool> Journal::IsAcknowledged(const StepKey& key) {
  return WithDatabase([&](SQLite::Database& database) -> absl::StatusOr<bool> {
    SQLite::Statement select(
        database, absl::StrCat("SELECT 1 FROM step", kWhereKey, " AND acknowledged = 1"));
    BindKey(select, key);
    return select.executeStep();
  });
}

absl::StatusOr<int> Journal::HighestAttempt(const StepKey& key) {
  return WithDatabase([&](SQLite::Database& database) -> absl::StatusOr<int> {
    SQLite::Statement select(database,
                             "SELECT coalesce(max(attempt), 0) FROM step "
                             "WHERE cluster_id = :cluster AND step_id = :step");
    select.bind(":cluster", key.cluster_id());
    select.bind(":step", key.step_id());
    select.executeStep();
    return select.getColumn(0).getInt();
  });
}

absl::StatusOr<std::vector<JournaledStep>> Journal::Unacknowledged(const std::string& cluster_id) {
  using Result = absl::StatusOr<std::vector<JournaledStep>>;
  return WithDatabase([&](SQLite::Database& database) -> Result {
    SQLite::Statement select(database, absl::StrCat(kColumns,
                                                    "WHERE acknowledged = 0 AND (:cluster = '' OR "
                                                    "cluster_id = :cluster) ORDER BY number"));
    select.bind(":cluster", cluster_id);
    std::vector<JournaledStep> steps;
    while (select.executeStep()) {
      absl::StatusOr<JournaledStep> step = ReadStep(select);
      if (!step.ok()) return step.status();
      steps.push_back(*std::move(step));
    }
    return steps;
  });
}

absl::StatusOr<int64_t> Journal::HighestFence(const Scope& scope) {
  return WithDatabase([&](SQLite::Database& database) -> absl::StatusOr<int64_t> {
    SQLite::Statement select(database, absl::StrCat("SELECT fence FROM fence", kWhereScope));
    BindScope(select, scope);
    return select.executeStep() ? select.getColumn(0).getInt64() : int64_t{0};
  });
}

absl::Status Journal::RaiseFence(const Scope& scope, int64_t fence) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement upsert(database,
                             "INSERT INTO fence VALUES (:cluster, :project, :environment, :fence) "
                             "ON CONFLICT DO UPDATE SET fence = max(fence, excluded.fence)");
    BindScope(upsert, scope);
    upsert.bind(":fence", fence);
    upsert.exec();
    SQLite::Statement drop(database, absl::StrCat("DELETE FROM step", kWhereScope,
                                                  " AND (acknowledged = 1 OR finished IS NOT NULL) "
                                                  "AND fence < :fence"));
    BindScope(drop, scope);
    drop.bind(":fence", fence);
    drop.exec();
    transaction.commit();
    return absl::OkStatus();
  });
}

}  // namespace davit::service
