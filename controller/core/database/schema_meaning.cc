#include "controller/core/database/schema_meaning.h"

namespace davit::core {
namespace {

// From the best to the worst.
int RankOf(v1::SchemaMeaning meaning) {
  switch (meaning) {
    case v1::SCHEMA_UNCHANGED:
      return 0;
    case v1::SCHEMA_SAFE:
      return 1;
    case v1::SCHEMA_UNSAFE:
      return 3;
    default:
      return 2;
  }
}

}  // namespace

v1::SchemaMeaning WorseMeaning(v1::SchemaMeaning one, v1::SchemaMeaning other) {
  return RankOf(other) > RankOf(one) ? other : one;
}

bool OldCodeCanRun(v1::SchemaMeaning meaning) {
  return meaning == v1::SCHEMA_UNCHANGED || meaning == v1::SCHEMA_SAFE;
}

absl::string_view MeaningWord(v1::SchemaMeaning meaning) {
  switch (meaning) {
    case v1::SCHEMA_UNCHANGED:
      return "no difference";
    case v1::SCHEMA_SAFE:
      return "safe";
    case v1::SCHEMA_UNSAFE:
      return "not safe";
    default:
      return "not known to be safe";
  }
}

bool MayHaveChanged(const state::v1::DatabaseHistory& history) {
  return history.has_migration() && history.migration().meaning() != v1::SCHEMA_UNCHANGED;
}

}  // namespace davit::core
