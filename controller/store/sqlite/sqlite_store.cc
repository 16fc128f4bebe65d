#include "controller/store/sqlite/sqlite_store.h"

#include <SQLiteCpp/Transaction.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "controller/store/sqlite/connection.h"
#include "controller/store/sqlite/errors.h"
#include "controller/store/sqlite/open.h"
#include "controller/store/sqlite/sqlite_txn.h"

namespace davit::store {
namespace {

// Longest wait for one of the reading connections.
constexpr absl::Duration kReaderPatience = absl::Seconds(30);

// Runs `fn` in a savepoint. Not OK only when the whole transaction is lost.
absl::Status RunInSavepoint(Connection& connection, const Store::UpdateFn& fn,
                            absl::Status& outcome) {
  Query(connection, "SAVEPOINT one").Run();
  SqliteTxn txn(connection);
  outcome = fn(txn);
  if (!txn.lost().ok()) return txn.lost();
  if (!outcome.ok()) Query(connection, "ROLLBACK TO one").Run();
  Query(connection, "RELEASE one").Run();
  return absl::OkStatus();
}

absl::Status RunAll(Connection& connection, absl::Span<const Store::UpdateFn> fns,
                    std::vector<absl::Status>& outcomes) {
  SQLite::Transaction transaction(connection.database(), SQLite::TransactionBehavior::IMMEDIATE);
  for (size_t i = 0; i < fns.size(); ++i) {
    if (absl::Status lost = RunInSavepoint(connection, fns[i], outcomes[i]); !lost.ok()) {
      return lost;
    }
  }
  transaction.commit();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path,
                                                               const SqliteOptions& options) {
  if (absl::Status status = MakeStoreFile(path); !status.ok()) return status;
  auto writer = OpenWriter(path, options);
  if (!writer.ok()) return writer.status();
  std::vector<std::unique_ptr<Connection>> readers;
  for (int i = 0; i < options.readers; ++i) {
    auto reader = OpenReader(path, options);
    if (!reader.ok()) return reader.status();
    readers.push_back(*std::move(reader));
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(*std::move(writer), std::move(readers)));
}

SqliteStore::SqliteStore(std::unique_ptr<Connection> writer,
                         std::vector<std::unique_ptr<Connection>> readers)
    : writer_(std::move(writer)), idle_readers_(std::move(readers)) {}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<Connection>> SqliteStore::TakeReader() {
  absl::MutexLock lock(&readers_mutex_);
  const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(readers_mutex_) {
    return !idle_readers_.empty();
  };
  if (!readers_mutex_.AwaitWithTimeout(absl::Condition(&idle), kReaderPatience)) {
    return absl::UnavailableError("The store is too busy to be read.");
  }
  auto reader = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  return reader;
}

void SqliteStore::GiveReader(std::unique_ptr<Connection> reader) {
  absl::MutexLock lock(&readers_mutex_);
  idle_readers_.push_back(std::move(reader));
}

absl::Status SqliteStore::View(absl::FunctionRef<absl::Status(ReadTxn&)> fn) {
  auto reader = TakeReader();
  if (!reader.ok()) return reader.status();
  const auto give_back = absl::MakeCleanup([&] { GiveReader(*std::move(reader)); });
  return Guarded([&] {
    const SQLite::Transaction transaction((*reader)->database());
    SqliteTxn txn(**reader);
    return fn(txn);
  });
}

absl::Status SqliteStore::Update(absl::FunctionRef<absl::Status(Txn&)> fn) {
  absl::MutexLock lock(&write_mutex_);
  Connection& writer = *writer_;
  return Guarded([&] {
    SQLite::Transaction transaction(writer.database(), SQLite::TransactionBehavior::IMMEDIATE);
    SqliteTxn txn(writer);
    absl::Status outcome = fn(txn);
    if (!txn.lost().ok()) return txn.lost();
    if (outcome.ok()) transaction.commit();
    return outcome;
  });
}

std::vector<absl::Status> SqliteStore::UpdateEach(absl::Span<const UpdateFn> fns) {
  absl::MutexLock lock(&write_mutex_);
  Connection& writer = *writer_;
  std::vector<absl::Status> outcomes(fns.size());
  const absl::Status committed = Guarded([&] { return RunAll(writer, fns, outcomes); });
  if (!committed.ok()) outcomes.assign(fns.size(), committed);
  return outcomes;
}

}  // namespace davit::store
