#ifndef DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_ENGINES_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_ENGINES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace davit::database {

// OK when the scheme of `url` is one of PostgreSQL. UNIMPLEMENTED for another engine,
// saying what still works; INVALID_ARGUMENT where there is no scheme.
absl::Status CheckEngine(absl::string_view url);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_DATABASE_ENGINES_H_
