#ifndef DAVIT_WORKER_DATABASE_MIGRATION_ADVICE_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_ADVICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "worker/database/migration_failure.h"

namespace davit::database {

// Fills in sentence, likely cause and ways out from the rest of `failure`; `noun` is what
// the object is ("column"), empty where none is named.
void AddAdvice(absl::string_view noun, MigrationFailure& failure);

// Ways out of something being there already, in the words of its framework. `as_wanted`:
// whether it is what the migration wants; nullopt: not known.
std::vector<std::string> WaysOutOfDuplicate(const MigrationFailure& failure,
                                            std::optional<bool> as_wanted);

// Ways out of a history that does not fit.
std::vector<std::string> WaysOutOfHistory(const MigrationFailure& failure);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_ADVICE_H_
