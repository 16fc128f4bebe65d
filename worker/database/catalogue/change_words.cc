#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "worker/database/catalogue/catalogue_diff.h"

namespace davit::database {
namespace {

constexpr size_t kSchemasNamed = 3;

// "table invoice", "column vat"; without its table.
std::string Named(const CatalogueObject& object) {
  const absl::string_view unique =
      object.kind == ObjectKind::kIndex && object.strict ? "unique " : "";
  return absl::StrCat(unique, KindName(object.kind), " ", object.name);
}

// What a person wants to see of it at once.
std::string Shown(const CatalogueObject& object) {
  switch (object.kind) {
    case ObjectKind::kColumn:
      return absl::StrCat(
          " (", object.definition, object.strict ? ", not null" : "",
          object.default_value.empty() ? "" : absl::StrCat(", default ", object.default_value),
          ")");
    case ObjectKind::kIndex:
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kForeignKey:
    case ObjectKind::kCheck:
    case ObjectKind::kExclusion:
      return absl::StrCat(" (", object.definition, ")");
    case ObjectKind::kEnum:
      return absl::StrCat(" (", absl::StrReplaceAll(object.definition, {{"\n", ", "}}), ")");
    default:
      return "";
  }
}

std::string OfTable(const CatalogueObject& object, absl::string_view word) {
  return object.table.empty() ? "" : absl::StrCat(" ", word, " ", object.table);
}

std::string OrNone(absl::string_view value) { return value.empty() ? "none" : std::string(value); }

std::string ChangedWords(const CatalogueChange& change) {
  const CatalogueObject& before = change.before;
  const CatalogueObject& after = change.after;
  const std::string subject = absl::StrCat(Named(after), OfTable(after, "of"));
  if (change.part == ChangedPart::kDefault) {
    return absl::StrCat("the default of ", subject, " was changed from ",
                        OrNone(before.default_value), " to ", OrNone(after.default_value));
  }
  if (change.part == ChangedPart::kStrictness) {
    if (after.kind == ObjectKind::kIndex) {
      return absl::StrCat("index ", after.name, " of ", after.table, " was made ",
                          after.strict ? "" : "not ", "unique");
    }
    return absl::StrCat(subject, after.strict ? " was made NOT NULL" : " may be null now");
  }
  if (Shown(after).empty() || after.kind == ObjectKind::kEnum) {
    return absl::StrCat(subject, Shown(after), " was changed");
  }
  return absl::StrCat(subject, " was changed from ", before.definition, " to ", after.definition);
}

std::string Words(const CatalogueChange& change) {
  const CatalogueObject& object = change.object();
  switch (change.kind) {
    case ChangeKind::kAdded:
      return absl::StrCat(Named(object), Shown(object), " was added", OfTable(object, "to"));
    case ChangeKind::kRemoved:
      return absl::StrCat(Named(object), Shown(object), " was removed", OfTable(object, "from"));
    case ChangeKind::kRenamed:
      return absl::StrCat(Named(change.before), OfTable(object, "of"), " was renamed to ",
                          change.before.schema == object.schema ? "" : object.schema + ".",
                          object.name);
    case ChangeKind::kReplaced:
      return absl::StrCat(Named(object), OfTable(object, "of"),
                          " was dropped and created again: what it had is lost");
    default:
      return ChangedWords(change);
  }
}

std::string WithCapital(std::string words) {
  words[0] = absl::ascii_toupper(static_cast<unsigned char>(words[0]));
  return words;
}

std::string WithoutSchema(absl::string_view text, const std::string& schema) {
  if (schema.empty()) return std::string(text);
  return absl::StrReplaceAll(text, {{absl::StrCat("\"", schema, "\"."), ""}, {schema + ".", ""}});
}

// The same for what is the same but for the schema.
std::string GroupKey(const CatalogueChange& change) {
  const std::string& schema = change.object().schema;
  if (change.object().kind == ObjectKind::kSchema) {
    return absl::StrCat("schema ", static_cast<int>(change.kind));
  }
  std::vector<std::string> parts = {
      absl::StrCat(static_cast<int>(change.kind)), absl::StrCat(static_cast<int>(change.part)),
      absl::StrCat(change.on_new_columns, change.of_new_table, change.inherits_old_table,
                   change.asks_more_than_parent)};
  for (const CatalogueObject* object : {&change.before, &change.after}) {
    parts.insert(parts.end(), {absl::StrCat(static_cast<int>(object->kind)), object->table,
                               object->name, WithoutSchema(object->definition, schema),
                               WithoutSchema(object->default_value, schema),
                               absl::StrCat(object->strict, object->expression)});
  }
  return absl::StrJoin(parts, "\t");
}

}  // namespace

std::string ChangeSentence(const CatalogueChange& change) {
  const std::string& schema = change.object().schema;
  const bool said =
      schema.empty() || schema == "public" || change.object().kind == ObjectKind::kSchema;
  return WithCapital(said ? Words(change) : absl::StrCat(Words(change), ", in schema ", schema));
}

std::string ChangeGroup::Sentence() const {
  if (schemas.size() < 2) return ChangeSentence(first);
  const size_t named = std::min(schemas.size(), kSchemasNamed);
  const std::string names =
      absl::StrCat(absl::StrJoin(absl::MakeConstSpan(schemas).first(named), ", "),
                   named < schemas.size() ? "…" : "");
  if (first.object().kind == ObjectKind::kSchema) {
    return absl::StrCat(schemas.size(), " schemas were ",
                        first.kind == ChangeKind::kAdded ? "added" : "removed", " (", names, ")");
  }
  return WithCapital(absl::StrCat(WithoutSchema(Words(first), first.object().schema), ", in ",
                                  schemas.size(), " schemas (", names, ")"));
}

std::vector<ChangeGroup> GroupBySchema(const std::vector<CatalogueChange>& changes) {
  std::vector<ChangeGroup> groups;
  std::map<std::string, size_t> places;
  for (const CatalogueChange& change : changes) {
    const auto [place, is_new] = places.emplace(GroupKey(change), groups.size());
    if (is_new) groups.push_back({change, {}});
    groups[place->second].schemas.push_back(change.object().schema);
  }
  return groups;
}

}  // namespace davit::database
