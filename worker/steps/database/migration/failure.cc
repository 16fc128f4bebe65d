#include "worker/steps/database/migration/failure.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "worker/steps/database/migration/duplicate.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using database::MigrationFailure;
using database::MigrationFailureKind;

constexpr int kMostChangesTold = 20;
constexpr size_t kMostDropsTold = 3;

constexpr absl::string_view kMigrationFailed = "the migration failed: ";
// What OneOffInterrupted says; here it was looked at.
constexpr absl::string_view kNobodyCanSay = ": nobody can say what it did";

std::string LowerFirst(std::string sentence) {
  // A name in capitals stays one.
  const bool word = sentence.size() > 1 && absl::ascii_islower(sentence[1]);
  if (word) sentence[0] = absl::ascii_tolower(sentence[0]);
  return sentence;
}

void AddRecognized(const MigrationFailure& recognized, v1::Failure& failure) {
  if (failure.code() == v1::MIGRATION_FAILED) {
    failure.set_message(CleanText(absl::StrCat(kMigrationFailed, LowerFirst(recognized.sentence))));
    failure.set_likely_cause(CleanText(recognized.likely_cause));
    if (!recognized.ways_out.empty()) {
      failure.set_next_command(CleanText(absl::StrJoin(recognized.ways_out, "; or ")));
    }
  } else {
    failure.add_evidence(CleanText(recognized.sentence));
  }
  if (!recognized.migration.empty()) {
    failure.add_evidence(CleanText(absl::StrCat("migration: ", recognized.migration)));
  }
  failure.add_evidence(CleanText(recognized.evidence));
}

// The words of the program, where nobody knows what they mean.
void AddUnrecognized(const FailedMigration& failed, v1::Failure& failure) {
  if (!failed.error_line.has_value()) {
    if (failed.last_line.empty()) return;
    failure.add_evidence(CleanText(absl::StrCat("the last line it said: ", failed.last_line)));
    return;
  }
  const database::ErrorLine& said = *failed.error_line;
  const bool is_message = failure.code() == v1::MIGRATION_FAILED;
  if (is_message) failure.set_message(CleanText(absl::StrCat(kMigrationFailed, said.text)));
  if (!is_message || said.line != said.text) failure.add_evidence(CleanText(said.line));
}

std::string WhatIsLeft(const v1::Migration& migration) {
  if (migration.meaning() == v1::SCHEMA_UNCHANGED) return "the schema is as it was before";
  if (migration.changes().empty()) return "of the schema, what could be looked at is as before";
  return absl::StrCat("it has left in the schema (", migration.changes_size(),
                      migration.changes_size() == 1 ? " change):" : " changes):");
}

std::string ShortlyLeft(const v1::Migration& migration) {
  if (migration.changes().empty()) return WhatIsLeft(migration);
  return absl::StrCat("it has changed the schema (", migration.changes_size(),
                      migration.changes_size() == 1 ? " change)" : " changes)");
}

std::string AfterInterruption(const v1::Migration& migration) {
  if (migration.meaning() == v1::SCHEMA_UNCHANGED) return "deploy again";
  return "see that the migration can go on from what it has left, or undo that by hand; then "
         "deploy again";
}

std::string MeaningText(const v1::SchemaChange& change) {
  switch (change.meaning()) {
    case v1::SCHEMA_SAFE:
      return absl::StrCat("safe for older code: ", change.reason());
    case v1::SCHEMA_UNSAFE:
      return absl::StrCat("not safe for older code: ", change.reason());
    default:
      return absl::StrCat("not known to be safe for older code: ", change.reason());
  }
}

void AddWhatIsLeft(const v1::Migration& migration, v1::Failure& failure) {
  failure.add_evidence(WhatIsLeft(migration));
  const int told = std::min(migration.changes_size(), kMostChangesTold);
  for (int i = 0; i < told; ++i) {
    const v1::SchemaChange& change = migration.changes(i);
    failure.add_evidence(absl::StrCat("  ", change.sentence(), " (", MeaningText(change), ")"));
  }
  if (told < migration.changes_size()) {
    failure.add_evidence(absl::StrCat("  and ", migration.changes_size() - told, " more"));
  }
  for (const std::string& gap : migration.gaps()) failure.add_evidence(gap);
}

// `IF NOT EXISTS` would take what a failed CREATE INDEX CONCURRENTLY has left for done, and without
// it the next attempt fails on it.
void AddUnfinishedIndexes(const FailedMigration& failed, v1::Failure& failure) {
  const std::vector<std::string> drops = database::UnfinishedIndexDrops(failed.after);
  if (drops.empty() || absl::StrContains(failure.next_command(), drops.front())) return;
  const size_t told = std::min(drops.size(), kMostDropsTold);
  failure.set_next_command(CleanText(absl::StrCat(
      "drop what a CREATE INDEX CONCURRENTLY that did not end has left: `",
      absl::StrJoin(drops.begin(), drops.begin() + static_cast<std::ptrdiff_t>(told), "; "), "`",
      told < drops.size() ? absl::StrCat(" and ", drops.size() - told, " more") : "",
      failure.next_command().empty() ? "" : "; then: ", failure.next_command())));
}

}  // namespace

bool IsAboutLocks(const std::optional<MigrationFailure>& recognized) {
  return recognized.has_value() && (recognized->kind == MigrationFailureKind::kLockTimeout ||
                                    recognized->kind == MigrationFailureKind::kDeadlock ||
                                    recognized->kind == MigrationFailureKind::kStatementTimeout);
}

v1::Failure ExplainFailedMigration(const FailedMigration& failed) {
  v1::Failure failure = failed.failure;
  failure.set_message(absl::StrReplaceAll(
      failure.message(), {{kNobodyCanSay, absl::StrCat("; ", ShortlyLeft(failed.migration))}}));
  if (failure.code() == v1::ONE_OFF_INTERRUPTED) {
    failure.set_next_command(AfterInterruption(failed.migration));
  }
  if (failed.recognized.has_value()) {
    AddRecognized(*failed.recognized, failure);
    AddWhatIsThere(failed, failure);
  } else {
    AddUnrecognized(failed, failure);
  }
  const bool waited = IsAboutLocks(failed.recognized) || failure.code() == v1::STEP_TIMEOUT;
  if (waited) {
    for (const std::string& holder : failed.lock_holders) failure.add_evidence(holder);
  }
  AddWhatIsLeft(failed.migration, failure);
  AddUnfinishedIndexes(failed, failure);
  return failure;
}

}  // namespace davit::steps
