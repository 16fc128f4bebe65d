#ifndef DAVIT_WORKER_DATABASE_MIGRATION_QUERY_TEXT_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_QUERY_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace davit::database {

// A statement to show to people: in one line of at most `most_bytes` and an ellipsis,
// without comments, and with ? for every literal, which may be somebody's data.
std::string ShownQuery(absl::string_view sql, size_t most_bytes = 200);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_QUERY_TEXT_H_
