#ifndef DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_MEANING_H_
#define DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_MEANING_H_

#include "absl/strings/string_view.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/database.pb.h"

// What a change of a database's schema means for the code of before, by the rules of the worker
// that has looked at it.
namespace davit::core {

// Changes of one database that are told one by one: nobody reads hundreds, and each becomes an
// event.
inline constexpr int kMostChangesTold = 40;

// The worse of two. Not to know is worse than what is safe by a rule.
v1::SchemaMeaning WorseMeaning(v1::SchemaMeaning one, v1::SchemaMeaning other);

// Whether the code of before can run on a schema so changed, by a rule.
bool OldCodeCanRun(v1::SchemaMeaning meaning);

// "not safe"
absl::string_view MeaningWord(v1::SchemaMeaning meaning);

// Whether the migration in it has left something different, or may have. One that was begun without
// leaving a trace has changed nothing for anybody.
bool MayHaveChanged(const state::v1::DatabaseHistory& history);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_DATABASE_SCHEMA_MEANING_H_
