#ifndef DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_ORIGIN_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_ORIGIN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {

// Who wrote a migration's output, and which migration was the last to begin.
struct MigrationOrigin {
  MigrationFramework framework = MigrationFramework::kUnknown;
  std::string migration;  // shop.0002_change; 20240101000000 AddVat; V2__vat.sql; empty unknown
};

MigrationOrigin OriginOf(absl::string_view output);

// Whether it was an index that was to be created, as far as the output tells: frames of a
// traceback, a statement.
bool SpeaksOfIndex(absl::string_view output);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_MIGRATION_ORIGIN_H_
