#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_DUPLICATE_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_DUPLICATE_H_

#include "davit/v1/failure.pb.h"
#include "worker/steps/database/migration/failure.h"

namespace davit::steps {

// Adds what there is of what `failed`, which has what it recognised, found there already: how it
// looks, whether it is as wanted, whether the rest of the migration is there too; and the ways out
// that follow from it. Nothing where nothing of that name is there. Pure.
void AddWhatIsThere(const FailedMigration& failed, v1::Failure& failure);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_DUPLICATE_H_
