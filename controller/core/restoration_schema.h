#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_SCHEMA_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_SCHEMA_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "davit/state/v1/state.pb.h"

// What has become of databases since the releases that a rollback makes live again.
namespace davit::core {

// The migrations of one database since then that changed something, or may have.
struct SchemaSince {
  std::vector<const state::v1::DatabaseHistory*> changes;  // oldest first; at least one
  v1::SchemaMeaning meaning = v1::SCHEMA_UNCHANGED;        // the worst of them

  // Whether code of before any of them can run on what they have made, by a rule.
  bool IsSafe() const { return meaning == v1::SCHEMA_UNCHANGED || meaning == v1::SCHEMA_SAFE; }
  // The backup of before all of them; null: there is none.
  const v1::Backup* Backup() const;
  // The newest declared migration that has a rollback_command; null: none has.
  const v1::DatabaseMigration* Command() const;
  // Last migration of each label that was applied before the first of them.
  std::map<std::string, std::string> Previous() const;
};

// By database; those that were not changed are left out, and none is there where it is no
// rollback. Points into the record.
std::map<std::string, SchemaSince> SchemasSince(const state::v1::DeploymentRecord& record);

// Whether the older releases can be made live, as the request says of the schema.
// SCHEMA_NOT_SAFE with each change when they may not be able to run and nothing was chosen,
// or when what was chosen cannot be done.
absl::Status CheckSchemaSince(const state::v1::DeploymentRecord& record);

// What becomes of each database that was changed, and what was changed: one sentence each.
std::vector<std::string> SchemaNotes(const state::v1::DeploymentRecord& record);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_SCHEMA_H_
