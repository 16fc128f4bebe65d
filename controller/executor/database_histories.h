#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_HISTORIES_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_HISTORIES_H_

#include <map>
#include <string>
#include <utility>

#include "davit/state/v1/state.pb.h"

namespace davit::executor {

// What one deployment did to one database.
struct PastChange {
  state::v1::DatabaseHistory history;
  // It stands for what a rollback took back and a release of before it would need: no later
  // rollback brings that again.
  bool is_lack = false;
};

// By deployment, whose ids are in the order of creation, and by the database's name of now.
using Histories = std::map<std::pair<std::string, std::string>, PastChange>;

// Of each database that is of interest, the deployment that made the oldest release which uses
// it: what was done after that one counts. "": all that was ever done.
using Bounds = std::map<std::string, std::string>;

// The entry for what the rollback or restore `id` itself is to the database; new, where there is
// none yet. It means `meaning` from now on, and is no migration: what is declared takes back, and
// here something would be brought.
PastChange& EntryOfTaking(const std::string& id, const std::string& database,
                          v1::SchemaMeaning meaning, Histories& histories);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_HISTORIES_H_
