#include "worker/database/catalogue/table_parents.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "worker/database/migration/sql_token.h"

namespace davit::database {
namespace {

using TablePath = std::pair<std::string, std::string>;

constexpr absl::string_view kIn = " in ";

bool AsksSomething(const CatalogueObject& part) {
  switch (part.kind) {
    case ObjectKind::kColumn:
    case ObjectKind::kIndex:
      return part.strict;
    case ObjectKind::kPrimaryKey:
    case ObjectKind::kUnique:
    case ObjectKind::kForeignKey:
    case ObjectKind::kCheck:
    case ObjectKind::kExclusion:
      return true;
    default:
      return false;
  }
}

// Whether one of the parent's asks the same: its own name is of no account, but a column's.
bool AsksTheSame(const CatalogueObject& part, const CatalogueObject& of_parent) {
  if (part.kind != of_parent.kind || part.strict != of_parent.strict) return false;
  if (part.kind == ObjectKind::kColumn) return part.name == of_parent.name;
  return part.definition == of_parent.definition;
}

// Where in `before` the parts of the table are.
auto PartsOf(const TablePath& table, const Catalogue& before) {
  const auto path = [](const CatalogueObject& object) {
    return std::tie(object.schema, object.table);
  };
  const auto wanted = std::tie(table.first, table.second);
  const auto begin =
      std::partition_point(before.objects.begin(), before.objects.end(),
                           [&](const CatalogueObject& one) { return path(one) < wanted; });
  const auto end = std::partition_point(
      begin, before.objects.end(), [&](const CatalogueObject& one) { return path(one) == wanted; });
  return std::pair(begin, end);
}

}  // namespace

std::vector<TablePath> ParentsOf(const CatalogueObject& table) {
  std::vector<TablePath> parents;
  absl::string_view rest = table.definition;
  const size_t at = rest.find(kIn);
  if (table.kind != ObjectKind::kTable || at == absl::string_view::npos) return parents;
  rest.remove_prefix(at + kIn.size());
  std::string schema;
  while (!rest.empty()) {
    const SqlToken token = TakeSqlToken(rest);
    // What rows a partition has.
    if (token.text == "FOR" || token.text == "DEFAULT") break;
    if (token.kind != SqlTokenKind::kWord && token.kind != SqlTokenKind::kName) continue;
    if (absl::StartsWith(rest, ".")) {
      schema = SqlName(token);
    } else {
      parents.emplace_back(schema, SqlName(token));
    }
  }
  return parents;
}

bool IsPartition(const CatalogueObject& table) {
  return absl::StrContains(table.definition, kIn) &&
         (absl::StrContains(table.definition, " FOR VALUES ") ||
          absl::EndsWith(table.definition, " DEFAULT"));
}

bool AsksMoreThanParent(const CatalogueObject& partition, const TablePath& parent,
                        const std::vector<CatalogueChange>& changes, const Catalogue& before) {
  const auto of_parent = PartsOf(parent, before);
  return std::any_of(changes.begin(), changes.end(), [&](const CatalogueChange& change) {
    const CatalogueObject& part = change.after;
    if (change.kind != ChangeKind::kAdded || part.schema != partition.schema ||
        part.table != partition.name || !AsksSomething(part)) {
      return false;
    }
    return std::none_of(of_parent.first, of_parent.second,
                        [&](const CatalogueObject& one) { return AsksTheSame(part, one); });
  });
}

}  // namespace davit::database
