#ifndef DAVIT_WORKER_SERVICE_JOURNAL_SQL_H_
#define DAVIT_WORKER_SERVICE_JOURNAL_SQL_H_

// What the journal's sources share: how its values go into statements, and where
// SQLite's exceptions end. Included by them alone.

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "worker/service/journal.h"

namespace davit::service {

// `path`: of the journal.
absl::Status JournalStatus(const SQLite::Exception& exception, const std::string& path);

inline constexpr char kWhereKey[] =
    " WHERE cluster_id = :cluster AND step_id = :step AND attempt = :attempt";
void BindKey(SQLite::Statement& statement, const worker::v1::StepKey& key);

inline constexpr char kWhereScope[] =
    " WHERE cluster_id = :cluster AND project = :project AND environment = :environment";
void BindScope(SQLite::Statement& statement, const Scope& scope);

template <typename Body>
auto Journal::WithDatabase(Body body) {
  using Result = decltype(body(std::declval<SQLite::Database&>()));
  absl::MutexLock lock(&mutex_);
  try {
    return body(*database_);
  } catch (const SQLite::Exception& e) {
    return Result(JournalStatus(e, database_->getFilename()));
  }
}

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_JOURNAL_SQL_H_
