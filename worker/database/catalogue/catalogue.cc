#include "worker/database/catalogue/catalogue.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/connection/sql_quote.h"

namespace davit::database {
namespace {

constexpr absl::string_view kKindNames[kObjectKinds] = {"schema",
                                                        "table",
                                                        "column",
                                                        "index",
                                                        "primary key",
                                                        "unique constraint",
                                                        "foreign key",
                                                        "check constraint",
                                                        "exclusion constraint",
                                                        "trigger",
                                                        "policy",
                                                        "rule",
                                                        "sequence",
                                                        "view",
                                                        "materialized view",
                                                        "enum",
                                                        "type",
                                                        "function",
                                                        "extension",
                                                        "privilege",
                                                        "migration"};

auto KeyOf(const CatalogueObject& object) {
  return std::tie(object.schema, object.table, object.kind, object.name);
}

}  // namespace

absl::string_view KindName(ObjectKind kind) { return kKindNames[static_cast<int>(kind)]; }

bool BelongsToTable(ObjectKind kind) {
  return (kind >= ObjectKind::kColumn && kind <= ObjectKind::kRule) ||
         kind == ObjectKind::kPrivilege;
}

bool IsUnfinishedIndex(const CatalogueObject& object) {
  return object.kind == ObjectKind::kIndex && absl::EndsWith(object.definition, " (invalid)");
}

std::string IndexDrop(const CatalogueObject& index) {
  return absl::StrCat("DROP INDEX CONCURRENTLY ", PastedName(index.schema, index.name));
}

std::vector<std::string> UnfinishedIndexDrops(const Catalogue& catalogue) {
  std::vector<std::string> drops;
  for (const CatalogueObject& object : catalogue.objects) {
    if (IsUnfinishedIndex(object)) drops.push_back(IndexDrop(object));
  }
  return drops;
}

int CompareKeys(const CatalogueObject& a, const CatalogueObject& b) {
  if (KeyOf(a) == KeyOf(b)) return 0;
  return KeyOf(a) < KeyOf(b) ? -1 : 1;
}

void SortCatalogue(Catalogue& catalogue) {
  std::vector<CatalogueObject>& objects = catalogue.objects;
  std::stable_sort(objects.begin(), objects.end(),
                   [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); });
  objects.erase(std::unique(objects.begin(), objects.end(),
                            [](const auto& a, const auto& b) { return KeyOf(a) == KeyOf(b); }),
                objects.end());
}

}  // namespace davit::database
