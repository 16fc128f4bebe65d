#ifndef DAVIT_WORKER_DATABASE_MIGRATION_WANTED_SCRIPT_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_WANTED_SCRIPT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "worker/database/migration/wanted_statement.h"

namespace davit::database {

// All that a migration does, taken apart: Django's `sqlmigrate` prints it.
struct WantedScript {
  std::vector<WantedStatement> makes;
  // What makes nothing, or more than one thing, as it begins: "UPDATE shop_tenant SET …". What is
  // no SQL is said in words.
  std::vector<std::string> others;
};

// Reads a whole script, of statements that end with semicolons. What only begins or ends
// transactions is left out.
WantedScript ReadWantedScript(absl::string_view script);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_WANTED_SCRIPT_H_
