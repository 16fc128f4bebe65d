#include "controller/executor/database_histories.h"

namespace davit::executor {

PastChange& EntryOfTaking(const std::string& id, const std::string& database,
                          v1::SchemaMeaning meaning, Histories& histories) {
  PastChange& entry = histories[{id, database}];
  entry.history.set_database(database);
  entry.history.set_deployment_id(id);
  entry.history.clear_declared();
  entry.history.mutable_migration()->set_meaning(meaning);
  return entry;
}

}  // namespace davit::executor
