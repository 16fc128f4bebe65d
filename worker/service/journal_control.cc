// Whom the journal lets have a say: fences and controllers.
#include "absl/strings/str_cat.h"
#include "worker/service/journal_sql.h"

namespace davit::service {
namespace {

std::string ReadFollowed(SQLite::Database& database, const std::string& cluster_id) {
  SQLite::Statement select(database,
                           "SELECT controller_id FROM followed WHERE cluster_id = :cluster");
  select.bind(":cluster", cluster_id);
  return select.executeStep() ? select.getColumn(0).getString() : std::string();
}

void WriteFollowed(SQLite::Database& database, const std::string& cluster_id,
                   const std::string& controller_id) {
  SQLite::Statement upsert(database,
                           "INSERT INTO followed VALUES (:cluster, :controller) ON CONFLICT DO "
                           "UPDATE SET controller_id = excluded.controller_id");
  upsert.bind(":cluster", cluster_id);
  upsert.bind(":controller", controller_id);
  upsert.exec();
}

void Disown(SQLite::Database& database, const std::string& cluster_id) {
  SQLite::Statement update(
      database, "UPDATE step SET disowned = 1 WHERE cluster_id = :cluster AND acknowledged = 0");
  update.bind(":cluster", cluster_id);
  update.exec();
}

}  // namespace

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

absl::StatusOr<std::vector<worker::v1::EnvironmentFence>> Journal::Fences(
    const std::string& cluster_id) {
  using Result = absl::StatusOr<std::vector<worker::v1::EnvironmentFence>>;
  return WithDatabase([&](SQLite::Database& database) -> Result {
    SQLite::Statement select(database,
                             "SELECT project, environment, fence FROM fence "
                             "WHERE cluster_id = :cluster ORDER BY project, environment");
    select.bind(":cluster", cluster_id);
    std::vector<worker::v1::EnvironmentFence> fences;
    while (select.executeStep()) {
      worker::v1::EnvironmentFence& fence = fences.emplace_back();
      fence.set_project(select.getColumn(0).getString());
      fence.set_environment(select.getColumn(1).getString());
      fence.set_fence(select.getColumn(2).getInt64());
    }
    return fences;
  });
}

absl::StatusOr<std::string> Journal::Followed(const std::string& cluster_id) {
  return WithDatabase([&](SQLite::Database& database) -> absl::StatusOr<std::string> {
    return ReadFollowed(database, cluster_id);
  });
}

absl::Status Journal::Follow(const std::string& cluster_id, const std::string& controller_id) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (!ReadFollowed(database, cluster_id).empty()) return absl::OkStatus();
    WriteFollowed(database, cluster_id, controller_id);
    transaction.commit();
    return absl::OkStatus();
  });
}

absl::Status Journal::Adopt(const std::string& cluster_id, const std::string& controller_id) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (ReadFollowed(database, cluster_id) == controller_id) return absl::OkStatus();
    WriteFollowed(database, cluster_id, controller_id);
    Disown(database, cluster_id);
    transaction.commit();
    return absl::OkStatus();
  });
}

}  // namespace davit::service
