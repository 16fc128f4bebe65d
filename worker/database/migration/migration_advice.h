#ifndef DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_ADVICE_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_ADVICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {

// Fills in sentence, likely cause and ways out from the rest of `failure`; `noun` is what
// the object is ("column"), empty where none is named.
void AddAdvice(absl::string_view noun, MigrationFailure& failure);

// What is known of what is there already.
struct DuplicateState {
  std::optional<ObjectKind> kind;
  std::string schema;                // empty: not known
  bool unfinished = false;           // an invalid index
  std::optional<bool> as_wanted;     // whether it is what the migration wants
  std::optional<bool> rest_is_done;  // whether all else that the migration wants is there too
};

// Ways out of something being there already, in the words of its framework. To record the migration
// as applied is one of them only where nothing of it is known to be missing.
std::vector<std::string> WaysOutOfDuplicate(const MigrationFailure& failure,
                                            const DuplicateState& state);

// Ways out of a history that does not fit.
std::vector<std::string> WaysOutOfHistory(const MigrationFailure& failure);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_ADVICE_H_
