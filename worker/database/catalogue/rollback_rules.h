#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_ROLLBACK_RULES_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_ROLLBACK_RULES_H_

#include "absl/strings/string_view.h"
#include "worker/database/catalogue/rollback_meaning.h"

namespace davit::database {

struct Verdict {
  RollbackMeaning meaning;
  absl::string_view reason;
};

inline constexpr Verdict kUnheardOf = {RollbackMeaning::kUnknown, "no rule knows it"};

constexpr Verdict SafeBecause(absl::string_view reason) { return {RollbackMeaning::kSafe, reason}; }
constexpr Verdict UnsafeBecause(absl::string_view reason) {
  return {RollbackMeaning::kUnsafe, reason};
}
constexpr Verdict UnknownBecause(absl::string_view reason) {
  return {RollbackMeaning::kUnknown, reason};
}

// Why what refuses rows is no good.
inline constexpr absl::string_view kNewWrites = "the old code may write rows that it refuses";

// One that serves nobody: what there is to do with it is the reason's end.
Verdict OnUnfinishedIndex(const CatalogueObject& index);

// A rule a kind of object. What none of them names is kUnknown.
Verdict VerdictOnAdded(const CatalogueChange& change);
Verdict VerdictOnRemoved(const CatalogueObject& removed);
Verdict VerdictOnRenamed(ObjectKind kind);
Verdict VerdictOnChanged(const CatalogueChange& change);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_ROLLBACK_RULES_H_
