#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "worker/database/catalogue/catalogue.h"
#include "worker/database/catalogue/catalogue_queries.h"
#include "worker/database/catalogue/migration_records.h"
#include "worker/database/connection/transaction.h"

namespace davit::database {
namespace {

// Names come qualified in definitions, whoever reads them.
constexpr absl::string_view kSnapshot =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog; "
    "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '5min'; SET LOCAL jit = off";

ObjectKind KindOf(absl::string_view word) {
  int kind = 0;
  while (kind + 1 < kObjectKinds && KindName(static_cast<ObjectKind>(kind)) != word) ++kind;
  return static_cast<ObjectKind>(kind);
}

CatalogueObject ObjectOf(const QueryResult& rows, size_t row) {
  CatalogueObject object;
  object.kind = KindOf(rows.Text(row, 0));
  object.schema = rows.Text(row, 1);
  object.table = rows.Text(row, 2);
  object.name = rows.Text(row, 3);
  object.definition = rows.Text(row, 4);
  object.default_value = rows.Text(row, 5);
  object.strict = rows.Text(row, 6) == "t";
  object.expression = rows.Text(row, 7) == "t";
  const std::string columns = rows.Text(row, 8);
  if (!columns.empty()) object.columns = absl::StrSplit(columns, kColumnSeparator);
  if (!absl::SimpleAtoi(rows.Text(row, 9), &object.id)) object.id = 0;
  return object;
}

absl::Status ReadObjects(Connection& connection, const Call& call, Catalogue& catalogue) {
  for (const absl::string_view select : CatalogueQueries()) {
    const auto rows = connection.Query(CatalogueStatement(select), call);
    if (!rows.ok()) return rows.status();
    AppendObjects(*rows, catalogue);
  }
  return ReadMigrationRecords(connection, call, catalogue);
}

}  // namespace

void AppendObjects(const QueryResult& rows, Catalogue& catalogue) {
  for (size_t row = 0; row < rows.rows.size(); ++row) {
    catalogue.objects.push_back(ObjectOf(rows, row));
  }
}

absl::StatusOr<Catalogue> ReadCatalogue(Connection& connection, const Call& call) {
  Catalogue catalogue;
  const absl::Status status = InTransaction(
      connection, kSnapshot, call, [&] { return ReadObjects(connection, call, catalogue); });
  if (!status.ok()) return status;
  SortCatalogue(catalogue);
  return catalogue;
}

}  // namespace davit::database
