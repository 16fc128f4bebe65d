#include "worker/database/catalogue/catalogue_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "worker/database/catalogue/change_context.h"

namespace davit::database {
namespace {

using Changes = std::vector<CatalogueChange>;

CatalogueChange Change(ChangeKind kind, const CatalogueObject* before, const CatalogueObject* after,
                       ChangedPart part = ChangedPart::kNone) {
  CatalogueChange change;
  change.kind = kind;
  change.part = part;
  if (before != nullptr) change.before = *before;
  if (after != nullptr) change.after = *after;
  return change;
}

// One of the same key on both sides.
void CompareObjects(const CatalogueObject& before, const CatalogueObject& after, bool same_table,
                    Changes& changes) {
  const bool has_rows =
      after.kind == ObjectKind::kTable || (after.kind == ObjectKind::kColumn && same_table);
  if (has_rows && before.id != 0 && after.id != 0 && before.id != after.id) {
    changes.push_back(Change(ChangeKind::kReplaced, &before, &after));
  }
  const std::pair<ChangedPart, bool> parts[] = {
      {ChangedPart::kDefinition, before.definition != after.definition},
      {ChangedPart::kDefault, before.default_value != after.default_value},
      {ChangedPart::kStrictness, before.strict != after.strict}};
  for (const auto& [part, differs] : parts) {
    if (differs) changes.push_back(Change(ChangeKind::kChanged, &before, &after, part));
  }
}

// Columns whose name another one has now, while they go on under a new one.
class MovedColumns {
 public:
  explicit MovedColumns(const std::vector<CatalogueObject>& after) {
    for (const CatalogueObject& object : after) {
      if (object.kind == ObjectKind::kColumn && object.id != 0) ids_.insert(object.id);
    }
  }
  bool Has(const CatalogueObject& before, const CatalogueObject& after) const {
    return before.kind == ObjectKind::kColumn && before.id != after.id && ids_.contains(before.id);
  }

 private:
  std::unordered_set<uint64_t> ids_;
};

// Tables that were dropped and created again: the ids of their columns say nothing.
class SameTables {
 public:
  void See(const CatalogueObject& before, const CatalogueObject& after) {
    if (before.kind == ObjectKind::kTable && before.id != after.id) {
      replaced_.emplace(after.schema, after.name);
    }
  }
  bool Has(const CatalogueObject& object) const {
    return !replaced_.contains({object.schema, object.table});
  }

 private:
  std::set<std::pair<std::string, std::string>> replaced_;
};

Changes MergeCatalogues(const std::vector<CatalogueObject>& before,
                        const std::vector<CatalogueObject>& after) {
  Changes changes;
  SameTables same_tables;
  const MovedColumns moved(after);
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    const int order = old == before.end() ? 1 : now == after.end() ? -1 : CompareKeys(*old, *now);
    if (order < 0) {
      changes.push_back(Change(ChangeKind::kRemoved, &*old++, nullptr));
    } else if (order > 0) {
      changes.push_back(Change(ChangeKind::kAdded, nullptr, &*now++));
    } else {
      same_tables.See(*old, *now);
      if (moved.Has(*old, *now)) {
        changes.push_back(Change(ChangeKind::kRemoved, &*old, nullptr));
        changes.push_back(Change(ChangeKind::kAdded, nullptr, &*now));
      } else {
        CompareObjects(*old, *now, same_tables.Has(*now), changes);
      }
      ++old, ++now;
    }
  }
  return changes;
}

// An added one whose id a removed one of its kind has is that one, renamed.
Changes JoinRenamed(const Changes& changes) {
  std::map<std::pair<ObjectKind, uint64_t>, const CatalogueChange*> removed;
  for (const CatalogueChange& change : changes) {
    if (change.kind != ChangeKind::kRemoved || change.before.id == 0) continue;
    removed[{change.before.kind, change.before.id}] = &change;
  }
  Changes joined;
  std::set<const CatalogueChange*> used;
  for (const CatalogueChange& change : changes) {
    const auto found = change.kind == ChangeKind::kAdded
                           ? removed.find({change.after.kind, change.after.id})
                           : removed.end();
    if (found == removed.end()) continue;
    used.insert(&change);
    used.insert(found->second);
    joined.push_back(Change(ChangeKind::kRenamed, &found->second->before, &change.after));
    CompareObjects(found->second->before, change.after, true, joined);
  }
  for (const CatalogueChange& change : changes) {
    if (!used.contains(&change)) joined.push_back(change);
  }
  return joined;
}

// `before` as if its tables had the names already that they have in `after`, so that
// what is in them is compared.
Catalogue WithNewTableNames(Catalogue before, const Catalogue& after, Changes& renames) {
  std::map<uint64_t, const CatalogueObject*> tables;
  for (const CatalogueObject& object : after.objects) {
    if (object.kind == ObjectKind::kTable && object.id != 0) tables[object.id] = &object;
  }
  std::map<std::pair<std::string, std::string>, const CatalogueObject*> renamed;
  for (const CatalogueObject& object : before.objects) {
    const auto found = object.kind == ObjectKind::kTable ? tables.find(object.id) : tables.end();
    if (found == tables.end() || CompareKeys(object, *found->second) == 0) continue;
    renamed[{object.schema, object.name}] = found->second;
    renames.push_back(Change(ChangeKind::kRenamed, &object, found->second));
  }
  if (renamed.empty()) return before;
  for (CatalogueObject& object : before.objects) {
    const bool table = object.kind == ObjectKind::kTable;
    if (!table && !BelongsToTable(object.kind)) continue;
    const auto found = renamed.find({object.schema, table ? object.name : object.table});
    if (found == renamed.end()) continue;
    object.schema = found->second->schema;
    (table ? object.name : object.table) = found->second->name;
  }
  SortCatalogue(before);
  return before;
}

}  // namespace

std::vector<CatalogueChange> DiffCatalogues(const Catalogue& before, const Catalogue& after) {
  Changes changes;
  const Catalogue old = WithNewTableNames(before, after, changes);
  for (CatalogueChange& change : JoinRenamed(MergeCatalogues(old.objects, after.objects))) {
    changes.push_back(std::move(change));
  }
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return CompareKeys(a.object(), b.object()) < 0;
  });
  return WithContext(std::move(changes), before, after);
}

}  // namespace davit::database
