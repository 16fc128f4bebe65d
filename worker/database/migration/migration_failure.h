#ifndef DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_FAILURE_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_FAILURE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::database {

enum class MigrationFailureKind {
  kDuplicateTable,  // or another relation: they share their names
  kDuplicateColumn,
  kDuplicateIndex,
  kDuplicateConstraint,
  kDuplicateObject,
  kMissingTable,
  kMissingColumn,
  kMissingObject,
  kMissingExtension,  // the server does not have its files
  kInconsistentHistory,
  kLockTimeout,
  kDeadlock,
  kPermission,
  kDiskFull,
  kStatementTimeout,
  kNotNullViolated,
  kUniqueViolated,
  kForeignKeyViolated,
  kCheckViolated,
  kConnectionLost,
  kTooManyClients,
  kNotLetIn,  // by its password, or by pg_hba.conf
  kReadOnly,
};

enum class MigrationFramework { kUnknown, kDjango, kRails, kFlyway, kPsql };

// What a migration's output says of why it failed.
struct MigrationFailure {
  MigrationFailureKind kind = MigrationFailureKind::kDuplicateTable;
  MigrationFramework framework = MigrationFramework::kUnknown;
  std::string migration;  // as its framework calls it: shop.0002_change; empty unknown
  std::string object;     // name as the server wrote it; empty where it named none
  std::string table;      // of a column, constraint or trigger; empty where not named
  std::string sentence;   // "The column vat of shop_customer exists already"
  std::string likely_cause;
  std::vector<std::string> ways_out;  // each one way, with the command or statement
  std::string evidence;               // the line that said so; no DETAIL, which quotes rows
};

// Finds in a migration's whole output what the server or the framework said last: Django,
// Rails, Flyway, psql, and others that print PostgreSQL's messages. These must be English
// for names to be found; the kind alone is recognised by class names and SQLSTATEs too.
// Notices (`already exists, skipping`) do not count. nullopt when nothing is known of it.
std::optional<MigrationFailure> RecognizeMigrationFailure(absl::string_view output);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_FAILURE_H_
