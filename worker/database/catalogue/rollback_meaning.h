#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_ROLLBACK_MEANING_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_ROLLBACK_MEANING_H_

#include <string>
#include <vector>

#include "worker/database/catalogue/catalogue_diff.h"

namespace davit::database {

// Whether the code of before a change can run on the schema of after it. By number they
// are worse: of several the highest counts.
enum class RollbackMeaning {
  kSafe = 0,     // by a rule of the whitelist
  kUnknown = 1,  // no rule knows it
  kUnsafe = 2,   // something that the old code asks for will fail, or its data are gone
};

// safe, unknown, unsafe
absl::string_view MeaningWord(RollbackMeaning meaning);

struct JudgedChange {
  CatalogueChange change;
  RollbackMeaning meaning = RollbackMeaning::kUnknown;
  std::string reason;    // half a sentence: "rows that the old code inserts lack it"
  std::string undo_sql;  // takes it back and loses nothing; empty: there is no such statement
};

struct RollbackJudgement {
  RollbackMeaning meaning = RollbackMeaning::kSafe;  // the worst of its changes'
  std::vector<JudgedChange> changes;
};

// The rules look at the schema alone: what a migration did to rows is not in it.
JudgedChange JudgeChange(const CatalogueChange& change);

// kSafe when there are none.
RollbackJudgement JudgeChanges(const std::vector<CatalogueChange>& changes);

// What makes `after` of `before`, judged. Where either has gaps it is kUnknown at best:
// what could not be looked at may be different too.
RollbackJudgement JudgeDifference(const Catalogue& before, const Catalogue& after);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_ROLLBACK_MEANING_H_
