#ifndef DAVIT_WORKER_DATABASE_MIGRATION_IDEMPOTENT_FORM_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_IDEMPOTENT_FORM_H_

#include <optional>
#include <string>

#include "worker/database/catalogue/catalogue.h"
#include "worker/database/migration/migration_failure.h"

namespace davit::database {

// How a migration makes what it found there already so that nothing is done where it is there, in
// the words of its framework. `found`: what it turned out to be, which may be something else than
// the server's message calls it; nullopt: not known.
std::string IdempotentForm(const MigrationFailure& failure, std::optional<ObjectKind> found);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_IDEMPOTENT_FORM_H_
