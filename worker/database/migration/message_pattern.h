#ifndef DAVIT_WORKER_DATABASE_MIGRATION_MESSAGE_PATTERN_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_MESSAGE_PATTERN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::database {

// What the stars of `pattern` stand for where it first occurs in `line`; nullopt when it
// does not. A star takes as little as it can, and one at the end takes the rest.
std::optional<std::vector<std::string>> MatchMessage(absl::string_view pattern,
                                                     absl::string_view line);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_MESSAGE_PATTERN_H_
