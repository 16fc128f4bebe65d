#include "worker/service/journal.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/service/journal_schema.h"
#include "worker/service/journal_sql.h"

namespace davit::service {
namespace {

using worker::v1::StepKey;

constexpr char kColumns[] =
    "SELECT key, fence, spec, timeout_nanos, time_unix_nanos, cancel_requested, finished, "
    "disowned FROM step ";

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
  step.disowned = row.getColumn(7).getInt() != 0;
  if (!row.getColumn(6).isNull()) ok = ok && ParseColumn(row.getColumn(6), step.finished.emplace());
  if (!ok) return FailureStatus(v1::INTERNAL, "the worker's journal holds a step it cannot read");
  return step;
}

void InsertIntent(SQLite::Database& database, const Intent& intent) {
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
}

void LeaveTombstones(SQLite::Database& database, absl::Span<const StepKey> keys) {
  for (const StepKey& key : keys) {
    SQLite::Statement update(
        database,
        absl::StrCat("UPDATE step SET acknowledged = 1, spec = x'', finished = NULL", kWhereKey));
    BindKey(update, key);
    update.exec();
  }
}

}  // namespace

Scope ScopeOf(const StepKey& key) { return {key.cluster_id(), key.project(), key.environment()}; }

Journal::Journal(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}
Journal::~Journal() = default;

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path) {
  try {
    auto database =
        std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    auto journal = std::unique_ptr<Journal>(new Journal(std::move(database)));
    if (absl::Status status = journal->Prepare(); !status.ok()) return status;
    return journal;
  } catch (const SQLite::Exception& e) {
    return JournalStatus(e, path);
  }
}

absl::Status Journal::Prepare() {
  return WithDatabase([this](SQLite::Database& database) {
    absl::StatusOr<std::string> id = PrepareJournal(database);
    const absl::Status status = id.status();
    if (status.ok()) id_ = *std::move(id);
    return status;
  });
}

absl::Status Journal::WriteIntent(const Intent& intent, absl::Span<const StepKey> acknowledged) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database);
    LeaveTombstones(database, acknowledged);
    InsertIntent(database, intent);
    transaction.commit();
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

absl::Status Journal::Acknowledge(absl::Span<const StepKey> keys) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database);
    LeaveTombstones(database, keys);
    transaction.commit();
    return absl::OkStatus();
  });
}

absl::Status Journal::Withdraw(const StepKey& key) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Statement remove(database, absl::StrCat("DELETE FROM step", kWhereKey));
    BindKey(remove, key);
    remove.exec();
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

}  // namespace davit::service
