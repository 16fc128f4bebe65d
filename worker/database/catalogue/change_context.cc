#include "worker/database/catalogue/change_context.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/catalogue/table_parents.h"

namespace davit::database {
namespace {

using TableName = std::pair<std::string, std::string>;

// What came, and what went, as a whole.
struct Wholes {
  std::set<std::string> schemas;
  std::set<TableName> tables;  // also views and sequences, for their privileges

  void Add(const CatalogueObject& object) {
    if (object.kind == ObjectKind::kSchema) schemas.insert(object.schema);
    if (object.table.empty()) tables.emplace(object.schema, object.name);
  }
  bool HasTableOf(const CatalogueObject& object) const {
    return tables.contains({object.schema, object.table});
  }
  bool Contains(const CatalogueObject& object) const {
    if (object.kind == ObjectKind::kSchema) return false;
    return schemas.contains(object.schema) || (BelongsToTable(object.kind) && HasTableOf(object));
  }
};

std::string Unquoted(absl::string_view name) {
  std::string bare;
  for (const char c : name) {
    if (c != '"') bare += c;
  }
  return bare;
}

// "schema.table" that a foreign key's definition refers to.
std::string ReferencedTable(absl::string_view definition) {
  constexpr absl::string_view kReferences = " REFERENCES ";
  const size_t at = definition.find(kReferences);
  if (at == absl::string_view::npos) return "";
  definition.remove_prefix(at + kReferences.size());
  return Unquoted(definition.substr(0, definition.find('(')));
}

// The domains of a schema, which columns name as "schema.name".
class Domains {
 public:
  explicit Domains(const Catalogue& catalogue) {
    for (const CatalogueObject& object : catalogue.objects) {
      if (object.kind == ObjectKind::kType && absl::StartsWith(object.definition, kDomain)) {
        definitions_[absl::StrCat(Unquoted(object.schema), ".", Unquoted(object.name))] =
            object.definition;
      }
    }
  }

  // Of a type, and of those that it is made from; empty: it is no domain.
  std::string DefinitionsOf(absl::string_view type) const {
    std::string all;
    for (auto found = definitions_.find(Unquoted(type));
         found != definitions_.end() && all.size() < kLongestDomain;) {
      absl::StrAppend(&all, all.empty() ? "" : " ", found->second);
      const absl::string_view base = absl::string_view(found->second).substr(kDomain.size());
      found = definitions_.find(Unquoted(base.substr(0, base.find(' '))));
    }
    return all;
  }

 private:
  static constexpr absl::string_view kDomain = "domain ";
  static constexpr size_t kLongestDomain = 64 << 10;
  std::map<std::string, std::string> definitions_;
};

class Context {
 public:
  Context(const std::vector<CatalogueChange>& changes, const Catalogue& before,
          const Catalogue& after)
      : before_(before), domains_(after) {
    for (const CatalogueObject& object : before.objects) {
      if (object.kind != ObjectKind::kTable) continue;
      old_tables_.insert(absl::StrCat(Unquoted(object.schema), ".", Unquoted(object.name)));
    }
    for (const CatalogueChange& change : changes) See(change);
  }

  bool LeftOut(const CatalogueChange& change) const {
    const CatalogueObject& object = change.object();
    if (change.kind == ChangeKind::kRemoved) return removed_.Contains(object);
    if (change.kind != ChangeKind::kAdded || !added_.Contains(object)) return false;
    return object.kind != ObjectKind::kForeignKey ||
           !old_tables_.contains(ReferencedTable(object.definition));
  }

  void Fill(CatalogueChange& change, const std::vector<CatalogueChange>& changes) const {
    const CatalogueObject& object = change.after;
    if (change.kind != ChangeKind::kAdded) return;
    if (object.kind == ObjectKind::kColumn)
      change.domain = domains_.DefinitionsOf(object.definition);
    FillParents(change, changes);
    change.of_new_table = BelongsToTable(object.kind) && added_.HasTableOf(object);
    change.on_new_columns =
        !object.columns.empty() &&
        std::all_of(object.columns.begin(), object.columns.end(), [&](const std::string& column) {
          return new_columns_.contains({object.schema, object.table, column});
        });
  }

 private:
  void See(const CatalogueChange& change) {
    if (change.kind == ChangeKind::kRemoved) removed_.Add(change.before);
    if (change.kind != ChangeKind::kAdded) return;
    const CatalogueObject& added = change.after;
    added_.Add(added);
    if (added.kind == ObjectKind::kColumn && !added.strict && added.default_value.empty()) {
      new_columns_.emplace(added.schema, added.table, added.name);
    }
  }

  void FillParents(CatalogueChange& change, const std::vector<CatalogueChange>& changes) const {
    const CatalogueObject& table = change.after;
    for (const TableName& parent : ParentsOf(table)) {
      if (!old_tables_.contains(
              absl::StrCat(Unquoted(parent.first), ".", Unquoted(parent.second)))) {
        continue;
      }
      if (!IsPartition(table)) {
        change.inherits_old_table = true;
      } else if (AsksMoreThanParent(table, parent, changes, before_)) {
        change.asks_more_than_parent = true;
      }
    }
  }

  const Catalogue& before_;
  const Domains domains_;
  Wholes added_;
  Wholes removed_;
  std::set<std::string> old_tables_;
  std::set<std::tuple<std::string, std::string, std::string>> new_columns_;
};

}  // namespace

std::vector<CatalogueChange> WithContext(std::vector<CatalogueChange> changes,
                                         const Catalogue& before, const Catalogue& after) {
  const Context context(changes, before, after);
  std::vector<CatalogueChange> kept;
  for (const CatalogueChange& change : changes) {
    if (context.LeftOut(change)) continue;
    kept.push_back(change);
    context.Fill(kept.back(), changes);
  }
  return kept;
}

}  // namespace davit::database
