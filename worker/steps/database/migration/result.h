#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RESULT_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RESULT_H_

#include <map>
#include <string>

#include "davit/v1/deployment.pb.h"
#include "worker/database/catalogue/catalogue.h"

namespace davit::steps {

// What a migration has made of a database's schema. Pure.

// From what there was before and after it.
v1::Migration JudgeMigration(const std::string& database, const database::Catalogue& before,
                             const database::Catalogue& after);

// Where one of the two could not be had: `why`, a sentence. Its meaning is not specified.
v1::Migration UnjudgedMigration(const std::string& database, const std::string& why);

// The last migration of each label that is applied: by Django's apps; Rails' and Flyway's
// have the empty one. Last by their names, numbers in them by value; of several schemas
// the latest counts.
std::map<std::string, std::string> LastMigrations(const database::Catalogue& catalogue);

// "nothing is different", "3 changes of the schema; older code can run on it".
std::string MigrationSummary(const v1::Migration& migration);

// That there are indexes which are invalid, in the words of a summary: a migration with IF NOT
// EXISTS takes them for done. Empty: there are none.
std::string UnfinishedIndexNote(const database::Catalogue& after);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_RESULT_H_
