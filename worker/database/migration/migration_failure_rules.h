#ifndef DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_FAILURE_RULES_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_FAILURE_RULES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {

struct MigrationFailureRule {
  MigrationFailureKind kind;
  absl::string_view pattern;  // MatchMessage's
  absl::string_view noun;     // what the object is: "column", "type"; empty: no object
  int object = 0;             // which star is its name
  int table = -1;             // which star is its table's; -1 none
};

// Of a line the first that fits counts.
absl::Span<const MigrationFailureRule> MigrationFailureRules();

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_FAILURE_RULES_H_
