#ifndef DAVIT_CONTROLLER_CORE_DATABASE_PREVIOUS_MIGRATIONS_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_PREVIOUS_MIGRATIONS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "davit/v1/database.pb.h"

// What {{previous:LABEL}} in a rollback_command stands for.
namespace davit::core {

// As Migration.previous has it: by label; empty: nothing of it was applied.
using PreviousMigrations = std::map<std::string, std::string>;

// `command` with what was applied before in the place of each {{previous:LABEL}}; "zero",
// as Django calls it, where nothing of that label was.
std::vector<std::string> FillPrevious(const std::vector<std::string>& command,
                                      const PreviousMigrations& previous);

// Why its rollback_command must not be filled in, half a sentence: it names what could not be
// looked at (`gaps`), or a label that no migration has. To take that for nothing applied would
// drop all its tables. nullopt: it may.
std::optional<std::string> WhyNotFilled(const v1::DatabaseMigration& declared,
                                        const PreviousMigrations& previous, bool gaps);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_PREVIOUS_MIGRATIONS_H_
