#ifndef DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_SCHEMA_H_
#define DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_SCHEMA_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "davit/state/v1/state.pb.h"

// What has become of databases since the releases that a rollback makes live again, and what
// can be done about it.
namespace davit::core {

// What was done to one database since then that changed something, or may have.
struct SchemaSince {
  std::vector<const state::v1::DatabaseHistory*> changes;  // oldest first; at least one
  v1::SchemaMeaning meaning = v1::SCHEMA_UNCHANGED;        // the worst of them

  // Whether code of before any of them can run on what they have made, by a rule.
  bool IsSafe() const;
  // The backup of before all of them; null: there is none.
  const v1::Backup* Backup() const;
  // The newest of them that is a migration; null: none is.
  const state::v1::DatabaseHistory* NewestMigration() const;
  // The newest declared migration that has a rollback_command; null: none has.
  const v1::DatabaseMigration* Command() const;
  // Last migration of each label that was applied before the first of them.
  std::map<std::string, std::string> Previous() const;
};

// By database; those that were not changed are left out, and none is there where it is no
// rollback. Points into the record.
std::map<std::string, SchemaSince> SchemasSince(const state::v1::DeploymentRecord& record);

// Why its rollback_command cannot take it back, or its backup be put in its place: half a
// sentence. nullopt: it can.
std::optional<std::string> WhyNoCommand(const state::v1::DeploymentRecord& record,
                                        const SchemaSince& since);
std::optional<std::string> WhyNoBackup(const state::v1::DeploymentRecord& record,
                                       const std::string& database, const SchemaSince& since);

// What the rollback does to a database.
enum class SchemaFate { kStays, kIsTakenBack, kIsReplaced };

// As the request says. What is safe for the older release is never replaced, as that loses
// what was written since; and it stays where no command can take it back.
SchemaFate FateOf(const state::v1::DeploymentRecord& record, const SchemaSince& since);

// Those that are taken back or replaced, with that of the newest change first: what came last
// is taken back first.
std::vector<std::pair<std::string, SchemaSince>> SchemasWithFate(
    const state::v1::DeploymentRecord& record, SchemaFate fate);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_RESTORATION_RESTORATION_SCHEMA_H_
