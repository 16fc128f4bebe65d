#include "client/output/database_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

// Changes of one meaning that are told where it scrolls by.
constexpr std::ptrdiff_t kMostChanges = 5;

// The worst first. What has no meaning is not known.
constexpr std::array<v1::SchemaMeaning, 3> kGroups = {v1::SCHEMA_UNSAFE, v1::SCHEMA_UNKNOWN,
                                                      v1::SCHEMA_SAFE};

v1::SchemaMeaning GroupOf(v1::SchemaMeaning meaning) {
  return meaning == v1::SCHEMA_MEANING_UNSPECIFIED ? v1::SCHEMA_UNKNOWN : meaning;
}

absl::string_view MeaningWords(v1::SchemaMeaning meaning) {
  if (meaning == v1::SCHEMA_UNSAFE) return "not safe for older code";
  return meaning == v1::SCHEMA_SAFE ? "safe for older code" : "not known to be safe for older code";
}

int RankOf(v1::SchemaMeaning meaning) {
  if (meaning == v1::SCHEMA_UNCHANGED) return 0;
  if (meaning == v1::SCHEMA_SAFE) return 1;
  return meaning == v1::SCHEMA_UNSAFE ? 3 : 2;
}

std::string ChangeLine(const v1::SchemaChange& change) {
  return absl::StrCat(change.sentence(), change.reason().empty() ? "" : ": ", change.reason());
}

bool IsIn(const v1::Failure& failure, absl::string_view text) {
  return std::any_of(failure.evidence().begin(), failure.evidence().end(),
                     [&](const std::string& fact) { return absl::StrContains(fact, text); });
}

// Whether the failure of a migration names all that it has left.
bool IsTold(const v1::Migration& migration, const v1::Failure& failure) {
  return std::all_of(migration.changes().begin(), migration.changes().end(),
                     [&](const auto& change) { return IsIn(failure, change.sentence()); }) &&
         std::all_of(migration.gaps().begin(), migration.gaps().end(),
                     [&](const std::string& gap) { return IsIn(failure, gap); });
}

// Appends to lines, wrapped.
class Lines {
 public:
  explicit Lines(const Style& style) : style_(style) {}

  void Add(absl::string_view first, absl::string_view text) {
    for (std::string& line : Hang(first, text, style_.width)) lines_.push_back(std::move(line));
  }
  void AddItem(absl::string_view text) { Add(absl::StrCat("  ", style_.Bullet(), " "), text); }
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  const Style style_;
  std::vector<std::string> lines_;
};

void AddGroup(const v1::Migration& migration, v1::SchemaMeaning meaning, Extent extent,
              Lines& lines) {
  std::vector<std::string> changes;
  for (const v1::SchemaChange& change : migration.changes()) {
    if (GroupOf(change.meaning()) == meaning) changes.push_back(ChangeLine(change));
  }
  if (changes.empty()) return;
  lines.Add("", absl::StrCat(migration.database(), ": ", Count(std::ssize(changes), "change"), " ",
                             MeaningWords(meaning), ":"));
  // One more takes no more room than its number.
  const bool all = extent == Extent::kAll || std::ssize(changes) <= kMostChanges + 1;
  const std::ptrdiff_t told = all ? std::ssize(changes) : kMostChanges;
  for (std::ptrdiff_t i = 0; i < told; ++i) lines.AddItem(changes[i]);
  if (!all) lines.AddItem(absl::StrCat("and ", std::ssize(changes) - told, " more"));
}

void AddMigration(const v1::Migration& migration, Extent extent, Lines& lines) {
  for (const v1::SchemaMeaning meaning : kGroups) AddGroup(migration, meaning, extent, lines);
  for (const std::string& gap : migration.gaps()) {
    lines.Add("", absl::StrCat(migration.database(), ": ", gap));
  }
}

void AddSinceBackup(const v1::Migration& migration, Lines& lines) {
  if (migration.since_backup().empty()) return;
  lines.Add("",
            absl::StrCat(migration.database(), ": ", absl::StrJoin(migration.since_backup(), ", "),
                         " migrated it, too, since the backup was begun: to restore that takes "
                         "it back as well"));
}

// Nobody knows of which database a migration was that ended without a word.
bool HasTakenBack(const v1::Step& step, const std::string& database) {
  return !database.empty() && step.takes_back() == database && step.state() == v1::STEP_SUCCEEDED;
}

// A migration whose end nobody saw can have left anything.
v1::SchemaMeaning MeaningOf(const v1::Step& step) {
  if (step.state() == v1::STEP_UNKNOWN_OUTCOME) return v1::SCHEMA_UNKNOWN;
  if (!step.has_migration()) return v1::SCHEMA_UNCHANGED;
  return GroupOf(step.migration().meaning());
}

}  // namespace

std::vector<std::string> DatabaseLines(const v1::Step& step, Extent extent, const Style& style) {
  Lines lines(style);
  if (step.has_backup()) {
    lines.Add("", absl::StrCat("backup of ", step.backup().database(), ": ", step.backup().host(),
                               ":", step.backup().path()));
  }
  if (step.has_migration() && !(step.has_failure() && IsTold(step.migration(), step.failure()))) {
    AddMigration(step.migration(), extent, lines);
  }
  AddSinceBackup(step.migration(), lines);
  return lines.Take();
}

std::string ResultText(const v1::Step& step) {
  std::string text = step.summary();
  if (step.has_backup() && !step.backup().path().empty()) {
    absl::StrReplaceAll({{absl::StrCat(": ", step.backup().path()), ""}}, &text);
  }
  return Sanitize(text);
}

v1::SchemaMeaning SchemaLeftBy(const v1::Deployment& deployment) {
  v1::SchemaMeaning worst = v1::SCHEMA_UNCHANGED;
  for (const v1::Step& step : deployment.steps()) {
    if (step.kind() != "migrate_database") continue;
    const bool taken_back = std::any_of(
        deployment.steps().begin(), deployment.steps().end(),
        [&](const auto& other) { return HasTakenBack(other, step.migration().database()); });
    if (!taken_back && RankOf(MeaningOf(step)) > RankOf(worst)) worst = MeaningOf(step);
  }
  return worst;
}

}  // namespace davit::output
