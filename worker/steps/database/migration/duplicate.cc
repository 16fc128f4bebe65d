#include "worker/steps/database/migration/duplicate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "worker/database/migration/migration_advice.h"
#include "worker/database/migration/object_comparison.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

constexpr size_t kMostLinesCompared = 30;

void AddVerdict(const database::ObjectComparison& comparison, v1::Failure& failure) {
  failure.add_evidence(*comparison.as_wanted ? "it is what the migration wants"
                                             : "it is not what the migration wants:");
  for (const std::string& difference : comparison.differences) {
    failure.add_evidence(CleanText(absl::StrCat("  ", difference)));
  }
}

// What is there is one of several things that the migration does.
void AddRest(const database::MigrationRest& rest, v1::Failure& failure) {
  if (rest.IsDone()) failure.add_evidence("all else that the migration wants is there too");
  if (!rest.missing.empty()) {
    failure.add_evidence(CleanText(absl::StrCat("the migration wants more, which is not there: ",
                                                absl::StrJoin(rest.missing, ", "))));
  }
  if (!rest.unknown.empty()) {
    failure.add_evidence(
        CleanText(absl::StrCat("the migration does more, of which it is not known "
                               "whether it is done: ",
                               absl::StrJoin(rest.unknown, ", "))));
  }
}

std::optional<bool> IsRestDone(const FailedMigration& failed) {
  if (!failed.rest.has_value()) return std::nullopt;
  if (!failed.rest->missing.empty()) return false;
  if (!failed.rest->unknown.empty()) return std::nullopt;
  return true;
}

// Which of the ways out is the right one hangs on what is there.
void AddWaysOut(const FailedMigration& failed, const database::ObjectComparison& comparison,
                v1::Failure& failure) {
  if (failure.code() != v1::MIGRATION_FAILED) return;
  const std::vector<std::string> ways =
      database::WaysOutOfDuplicate(*failed.recognized, {.kind = comparison.kind,
                                                        .schema = comparison.schema,
                                                        .unfinished = comparison.unfinished,
                                                        .as_wanted = comparison.as_wanted,
                                                        .rest_is_done = IsRestDone(failed)});
  failure.set_next_command(CleanText(absl::StrJoin(ways, "; or ")));
}

}  // namespace

void AddWhatIsThere(const FailedMigration& failed, v1::Failure& failure) {
  const database::ObjectComparison comparison =
      database::CompareObject(*failed.recognized, failed.before, failed.after,
                              failed.wanted.has_value() ? &*failed.wanted : nullptr);
  if (comparison.sentence.empty()) return;
  failure.add_evidence(CleanText(comparison.sentence));
  const size_t told = std::min(comparison.lines.size(), kMostLinesCompared);
  for (size_t i = 0; i < told; ++i) {
    failure.add_evidence(CleanText(absl::StrCat("  ", comparison.lines[i])));
  }
  if (comparison.as_wanted.has_value()) AddVerdict(comparison, failure);
  if (failed.rest.has_value()) AddRest(*failed.rest, failure);
  AddWaysOut(failed, comparison, failure);
}

}  // namespace davit::steps
