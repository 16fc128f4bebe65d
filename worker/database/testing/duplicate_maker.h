#ifndef DAVIT_WORKER_DATABASE_TESTING_DUPLICATE_MAKER_H_
#define DAVIT_WORKER_DATABASE_TESTING_DUPLICATE_MAKER_H_

#include <string>

#include "worker/database/migration/migration_failure.h"

namespace davit::database {

// For tests: that a migration found `object`, of `table` where it belongs to one, there already.
inline MigrationFailure Exists(MigrationFailureKind kind, const std::string& object,
                               const std::string& table = "") {
  MigrationFailure failure;
  failure.kind = kind;
  failure.object = object;
  failure.table = table;
  return failure;
}

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_TESTING_DUPLICATE_MAKER_H_
