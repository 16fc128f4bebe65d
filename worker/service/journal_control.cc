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

absl::StatusOr<Fence> Journal::HighestFence(const Scope& scope) {
  return WithDatabase([&](SQLite::Database& database) -> absl::StatusOr<Fence> {
    SQLite::Statement select(database,
                             absl::StrCat("SELECT fence, deployment_id FROM fence", kWhereScope));
    BindScope(select, scope);
    if (!select.executeStep()) return Fence{};
    return Fence{select.getColumn(0).getInt64(), select.getColumn(1).getString()};
  });
}

absl::Status Journal::RaiseFence(const Scope& scope, const Fence& fence) {
  return WithDatabase([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement upsert(database,
                             "INSERT INTO fence VALUES (:cluster, :project, :environment, :fence, "
                             ":deployment) ON CONFLICT DO UPDATE SET fence = excluded.fence, "
                             "deployment_id = excluded.deployment_id WHERE excluded.fence > fence");
    BindScope(upsert, scope);
    upsert.bind(":fence", fence.number);
    upsert.bind(":deployment", fence.deployment_id);
    upsert.exec();
    SQLite::Statement drop(database, absl::StrCat("DELETE FROM step", kWhereScope,
                                                  " AND (acknowledged = 1 OR finished IS NOT NULL) "
                                                  "AND fence < :fence"));
    BindScope(drop, scope);
    drop.bind(":fence", fence.number);
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
