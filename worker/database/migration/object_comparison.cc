#include "worker/database/migration/object_comparison.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace davit::database {
namespace {

using Found = std::vector<const CatalogueObject*>;

constexpr size_t kPlacesNamed = 3;

bool IsRelation(ObjectKind kind) {
  return kind == ObjectKind::kTable || kind == ObjectKind::kIndex ||
         kind == ObjectKind::kPrimaryKey || kind == ObjectKind::kUnique ||
         kind == ObjectKind::kSequence || kind == ObjectKind::kView ||
         kind == ObjectKind::kMaterializedView;
}

// Its definition is a digest, which says nothing to people.
bool HasDigest(ObjectKind kind) {
  return kind == ObjectKind::kTrigger || kind == ObjectKind::kPolicy || kind == ObjectKind::kRule ||
         kind == ObjectKind::kView || kind == ObjectKind::kMaterializedView ||
         kind == ObjectKind::kFunction;
}

bool IsConstraint(ObjectKind kind) {
  return kind >= ObjectKind::kPrimaryKey && kind <= ObjectKind::kExclusion;
}

bool FitsKind(MigrationFailureKind wanted, ObjectKind kind) {
  switch (wanted) {
    case MigrationFailureKind::kDuplicateTable:
    case MigrationFailureKind::kDuplicateIndex:
      return IsRelation(kind);
    case MigrationFailureKind::kDuplicateColumn:
      return kind == ObjectKind::kColumn;
    case MigrationFailureKind::kDuplicateConstraint:
      return IsConstraint(kind);
    case MigrationFailureKind::kDuplicateObject:
      return kind != ObjectKind::kColumn && kind != ObjectKind::kMigration;
    default:
      return false;
  }
}

bool HasName(const MigrationFailure& failure, const CatalogueObject& object) {
  // "multiple primary keys for table" names the table alone.
  if (failure.object == failure.table && !failure.table.empty()) {
    return object.kind == ObjectKind::kPrimaryKey && object.table == failure.table;
  }
  if (!failure.table.empty() && object.table != failure.table) return false;
  return object.name == failure.object || (object.kind == ObjectKind::kFunction &&
                                           absl::StartsWith(object.name, failure.object + "("));
}

Found FindObjects(const MigrationFailure& failure, const Catalogue& catalogue) {
  Found found;
  if (failure.object.empty()) return found;
  for (const CatalogueObject& object : catalogue.objects) {
    if (FitsKind(failure.kind, object.kind) && HasName(failure, object)) found.push_back(&object);
  }
  return found;
}

std::string LineOfObject(const CatalogueObject& object) {
  if (object.kind == ObjectKind::kColumn) {
    return absl::StrCat(object.name, " ", object.definition, object.strict ? " NOT NULL" : "",
                        object.default_value.empty() ? "" : " DEFAULT ", object.default_value);
  }
  const std::string definition = absl::StrReplaceAll(object.definition, {{"\n", ", "}});
  return absl::StrCat(object.strict ? "unique " : "", KindName(object.kind), " ", object.name,
                      definition.empty() ? "" : ": ", definition);
}

// Of a table, those of its parts, to the `last` kind of them.
std::vector<std::string> LinesOf(const CatalogueObject& object, const Catalogue& catalogue,
                                 ObjectKind last = ObjectKind::kExclusion) {
  if (object.kind != ObjectKind::kTable) return {LineOfObject(object)};
  std::vector<std::string> lines;
  for (const CatalogueObject& one : catalogue.objects) {
    const bool shown = one.kind >= ObjectKind::kColumn && one.kind <= last;
    if (shown && one.schema == object.schema && one.table == object.name) {
      lines.push_back(LineOfObject(one));
    }
  }
  return lines;
}

// The names of the schema taken out, which differ where nothing else does.
void ForgetSchema(const std::string& schema, std::vector<std::string>& lines) {
  for (std::string& line : lines) {
    line = absl::StrReplaceAll(
        line, {{absl::StrCat("\"", schema, "\"."), ""}, {absl::StrCat(schema, "."), ""}});
  }
}

std::vector<std::string> Likeness(const CatalogueObject& object, const Catalogue& catalogue,
                                  ObjectKind last = ObjectKind::kExclusion) {
  std::vector<std::string> lines = LinesOf(object, catalogue, last);
  ForgetSchema(object.schema, lines);
  return lines;
}

bool AreAlike(const Found& found, const Catalogue& catalogue) {
  const std::vector<std::string> first = Likeness(*found.front(), catalogue);
  return std::all_of(found.begin(), found.end(), [&](const CatalogueObject* object) {
    return Likeness(*object, catalogue) == first;
  });
}

void AddLacking(const std::vector<std::string>& of, const std::vector<std::string>& in,
                absl::string_view words, std::vector<std::string>& differences) {
  for (const std::string& line : of) {
    if (std::find(in.begin(), in.end(), line) == in.end()) {
      differences.push_back(absl::StrCat(words, line));
    }
  }
}

// Indexes and constraints more than wanted may have come with other statements.
void CompareWithWanted(const MigrationFailure& failure, const Found& found, const Catalogue& there,
                       const Catalogue& wanted, ObjectComparison& comparison) {
  const CatalogueObject& first = *found.front();
  const Found made = FindObjects(failure, wanted);
  if (made.size() != 1 || !AreAlike(found, there)) return;
  if (made.front()->kind != first.kind) {
    comparison.as_wanted = false;
    comparison.differences = {
        absl::StrCat("wanted, and not there: ", KindName(made.front()->kind), " ", first.name),
        absl::StrCat("there, and not wanted: ", KindName(first.kind), " ", first.name)};
    return;
  }
  std::vector<std::string> lines = Likeness(*made.front(), wanted);
  ForgetSchema(first.schema, lines);
  AddLacking(lines, Likeness(first, there), "wanted, and not there: ", comparison.differences);
  AddLacking(Likeness(first, there, ObjectKind::kColumn), lines,
             "there, and not wanted: ", comparison.differences);
  comparison.as_wanted = comparison.differences.empty();
}

std::string PlacesOf(const Found& found, const Catalogue& catalogue) {
  if (found.size() == 1) return absl::StrCat(", in schema ", found.front()->schema);
  std::vector<std::string> names;
  for (size_t place = 0; place < std::min(found.size(), kPlacesNamed); ++place) {
    names.push_back(found[place]->schema);
  }
  return absl::StrCat(", in ", found.size(), " places (", absl::StrJoin(names, ", "),
                      found.size() > kPlacesNamed ? "…" : "", "), ",
                      AreAlike(found, catalogue) ? "all alike" : "not all alike");
}

}  // namespace

ObjectComparison CompareObject(const MigrationFailure& failure, const Catalogue& before,
                               const Catalogue& after, const Catalogue* wanted) {
  const Found found = FindObjects(failure, after);
  if (found.empty()) return {};
  const CatalogueObject& first = *found.front();
  const Found earlier = FindObjects(failure, before);
  const bool was_there = std::any_of(earlier.begin(), earlier.end(), [&](const auto* object) {
    return CompareKeys(*object, first) == 0;
  });
  std::string sentence =
      absl::StrCat(KindName(first.kind), " ", first.name,
                   first.table.empty() ? "" : absl::StrCat(" of ", first.table), " is there, ",
                   was_there ? "since before this migration" : "and was not before this migration",
                   PlacesOf(found, after));
  sentence[0] = absl::ascii_toupper(static_cast<unsigned char>(sentence[0]));
  ObjectComparison comparison{.sentence = sentence,
                              .lines = {},
                              .schema = first.schema,
                              .kind = first.kind,
                              .unfinished = IsUnfinishedIndex(first),
                              .as_wanted = {},
                              .differences = {}};
  if (!HasDigest(first.kind)) comparison.lines = LinesOf(first, after);
  if (wanted != nullptr) CompareWithWanted(failure, found, after, *wanted, comparison);
  return comparison;
}

}  // namespace davit::database
