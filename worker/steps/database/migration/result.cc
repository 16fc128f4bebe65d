#include "worker/steps/database/migration/result.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/catalogue/catalogue_diff.h"
#include "worker/database/catalogue/rollback_meaning.h"
#include "worker/steps/text/clean_text.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

using database::Catalogue;
using database::CatalogueObject;
using database::RollbackMeaning;

v1::SchemaMeaning MeaningOf(RollbackMeaning meaning) {
  switch (meaning) {
    case RollbackMeaning::kSafe:
      return v1::SCHEMA_SAFE;
    case RollbackMeaning::kUnsafe:
      return v1::SCHEMA_UNSAFE;
    case RollbackMeaning::kUnknown:
      break;
  }
  return v1::SCHEMA_UNKNOWN;
}

void AddChanges(const std::vector<database::JudgedChange>& judged, v1::Migration& migration) {
  std::vector<database::CatalogueChange> changes;
  for (const database::JudgedChange& one : judged) changes.push_back(one.change);
  for (const database::ChangeGroup& group : database::GroupBySchema(changes)) {
    const database::JudgedChange verdict = database::JudgeChange(group.first);
    v1::SchemaChange& change = *migration.add_changes();
    change.set_sentence(CleanText(group.Sentence()));
    change.set_meaning(MeaningOf(verdict.meaning));
    // The statement of a reason is for the first of the schemas, and takes back no other's.
    const bool others = group.schemas.size() > 1 && !verdict.undo_sql.empty();
    change.set_reason(absl::StrCat(verdict.reason, others ? ", and so in the other schemas" : ""));
    if (!others) change.set_undo_sql(verdict.undo_sql);
  }
}

size_t DigitsAt(absl::string_view text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[count]))) {
    ++count;
  }
  return count;
}

absl::string_view WithoutZeros(absl::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// Whether `a` comes before `b`, where numbers count by their value.
bool IsEarlier(absl::string_view a, absl::string_view b) {
  while (!a.empty() && !b.empty()) {
    const absl::string_view left = WithoutZeros(a.substr(0, DigitsAt(a)));
    const absl::string_view right = WithoutZeros(b.substr(0, DigitsAt(b)));
    if (!left.empty() && !right.empty()) {
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
      a.remove_prefix(DigitsAt(a));
      b.remove_prefix(DigitsAt(b));
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front();
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() < b.size();
}

// A framework's label and name of a migration that is applied; an empty name: none.
std::pair<std::string, std::string> AppliedBy(const CatalogueObject& object) {
  if (object.kind != database::ObjectKind::kMigration) return {};
  if (object.table == "django_migrations") {
    const size_t dot = object.name.find('.');
    if (dot == object.name.npos) return {};
    return {object.name.substr(0, dot), object.name.substr(dot + 1)};
  }
  if (object.table == "schema_migrations" && object.definition != "true") return {"", object.name};
  const bool repeatable = absl::StrContains(object.name, " #");
  if (object.table == "flyway_schema_history" && !repeatable &&
      !absl::EndsWith(object.definition, "failed")) {
    return {"", object.name};
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> LastMigrations(const Catalogue& catalogue) {
  std::map<std::string, std::string> last;
  for (const CatalogueObject& object : catalogue.objects) {
    auto [label, name] = AppliedBy(object);
    if (name.empty()) continue;
    std::string& known = last[label];
    if (known.empty() || IsEarlier(known, name)) known = std::move(name);
  }
  return last;
}

v1::Migration JudgeMigration(const std::string& database, const Catalogue& before,
                             const Catalogue& after) {
  v1::Migration migration;
  migration.set_database(database);
  const database::RollbackJudgement judgement = database::JudgeDifference(before, after);
  AddChanges(judgement.changes, migration);
  std::set<std::string> gaps(before.gaps.begin(), before.gaps.end());
  gaps.insert(after.gaps.begin(), after.gaps.end());
  for (const std::string& gap : gaps) migration.add_gaps(CleanText(gap));
  const bool unchanged = judgement.changes.empty() && gaps.empty();
  migration.set_meaning(unchanged ? v1::SCHEMA_UNCHANGED : MeaningOf(judgement.meaning));
  // Of a label that is new there was nothing before.
  for (const auto& [label, name] : LastMigrations(after))
    migration.mutable_previous()->insert({label, ""});
  for (const auto& [label, name] : LastMigrations(before)) {
    (*migration.mutable_previous())[label] = name;
  }
  return migration;
}

v1::Migration UnjudgedMigration(const std::string& database, const std::string& why) {
  v1::Migration migration;
  migration.set_database(database);
  migration.add_gaps(CleanText(why));
  return migration;
}

std::string MigrationSummary(const v1::Migration& migration) {
  if (migration.meaning() == v1::SCHEMA_UNCHANGED) return "nothing is different";
  std::string changes = Counted(migration.changes_size(), "change", "changes");
  if (migration.gaps_size() > 0) {
    absl::StrAppend(&changes, " and ", Counted(migration.gaps_size(), "gap", "gaps"));
  }
  switch (migration.meaning()) {
    case v1::SCHEMA_SAFE:
      return absl::StrCat(changes, " of the schema; older code can run on it");
    case v1::SCHEMA_UNSAFE:
      return absl::StrCat(changes, " of the schema; older code may not be able to run on it");
    default:
      return absl::StrCat(changes, " of the schema; whether older code can run on it is not known");
  }
}

std::string UnfinishedIndexNote(const Catalogue& after) {
  const std::vector<std::string> drops = database::UnfinishedIndexDrops(after);
  if (drops.empty()) return "";
  const std::string more =
      drops.size() == 1 ? "" : absl::StrCat(", and ", drops.size() - 1, " more");
  return CleanText(
      absl::StrCat("an index is invalid, left by a CREATE INDEX CONCURRENTLY that did "
                   "not end: `",
                   drops.front(), "`", more, ", and make it again"));
}

}  // namespace davit::steps
