#include "worker/database/catalogue/rollback_meaning.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/database/catalogue/rollback_rules.h"

namespace davit::database {
namespace {

Verdict VerdictOn(const CatalogueChange& change) {
  switch (change.kind) {
    case ChangeKind::kAdded:
      return VerdictOnAdded(change);
    case ChangeKind::kRemoved:
      return VerdictOnRemoved(change.before);
    case ChangeKind::kRenamed:
      return VerdictOnRenamed(change.after.kind);
    case ChangeKind::kChanged:
      return VerdictOnChanged(change);
    case ChangeKind::kReplaced:
      return {RollbackMeaning::kUnsafe, "the old code's data in it are gone"};
  }
  return {RollbackMeaning::kUnknown, "no rule knows it"};
}

}  // namespace

absl::string_view MeaningWord(RollbackMeaning meaning) {
  switch (meaning) {
    case RollbackMeaning::kSafe:
      return "safe";
    case RollbackMeaning::kUnsafe:
      return "unsafe";
    case RollbackMeaning::kUnknown:
      break;
  }
  return "unknown";
}

JudgedChange JudgeChange(const CatalogueChange& change) {
  const Verdict verdict = VerdictOn(change);
  JudgedChange judged = {change, verdict.meaning, std::string(verdict.reason), ""};
  if (change.kind != ChangeKind::kRemoved && IsUnfinishedIndex(change.after)) {
    judged.undo_sql = IndexDrop(change.after);
    absl::StrAppend(&judged.reason, "; drop it: `", judged.undo_sql, "`");
  }
  return judged;
}

RollbackJudgement JudgeChanges(const std::vector<CatalogueChange>& changes) {
  RollbackJudgement judgement;
  for (const CatalogueChange& change : changes) {
    judgement.changes.push_back(JudgeChange(change));
    judgement.meaning = std::max(judgement.meaning, judgement.changes.back().meaning);
  }
  return judgement;
}

RollbackJudgement JudgeDifference(const Catalogue& before, const Catalogue& after) {
  RollbackJudgement judgement = JudgeChanges(DiffCatalogues(before, after));
  if (!before.gaps.empty() || !after.gaps.empty()) {
    judgement.meaning = std::max(judgement.meaning, RollbackMeaning::kUnknown);
  }
  return judgement;
}

}  // namespace davit::database
