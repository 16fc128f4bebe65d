#include "worker/database/catalogue/migration_records.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "worker/database/catalogue/catalogue_queries.h"

namespace davit::database {
namespace {

// A framework's table: which columns it is known by, and what of a row is its name and
// its state.
struct MigrationTable {
  absl::string_view name;
  absl::string_view columns;  // parted by commas: all must be there
  absl::string_view row_name;
  absl::string_view row_state;
};

constexpr MigrationTable kMigrationTables[] = {
    {"django_migrations", "app,name", "app || '.' || name", "''"},
    // golang-migrate's has the same name, and a column more.
    {"schema_migrations", "version", "version::text", "coalesce(to_jsonb(t) ->> 'dirty', '')"},
    {"ar_internal_metadata", "key,value", "key", "value"},
    {"flyway_schema_history", "checksum,installed_rank,script,success,version",
     "coalesce(version, script || ' #' || installed_rank)",
     "concat(checksum, CASE WHEN success THEN '' ELSE ' failed' END)"},
};

// Their schema, name, columns, whether they can be read. All at once: each statement over the
// catalogue has its price.
constexpr absl::string_view kFindTables = R"sql(
SELECT nspname, relname,
  (SELECT string_agg(a.attname, chr(31)) FROM pg_attribute a
   WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped),
  has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'SELECT'),
  quote_ident(nspname), quote_literal(nspname)
FROM r WHERE relkind IN ('r', 'p') AND relname = ANY (string_to_array($1, ','))
ORDER BY relname, nspname)sql";

// Of one statement; the server's stack grows with each.
constexpr size_t kTablesAtOnce = 100;

std::string SelectFrom(const MigrationTable& table, const QueryResult& found, size_t row) {
  return absl::StrCat("SELECT 'migration', ", found.Text(row, 5), ", '", table.name, "', (",
                      table.row_name, ")::text, (", table.row_state,
                      ")::text, '', false, false, '', 0 FROM ", found.Text(row, 4), ".", table.name,
                      " t");
}

absl::Status ReadTables(Connection& connection, const std::vector<std::string>& selects,
                        const Call& call, Catalogue& catalogue) {
  for (size_t begin = 0; begin < selects.size(); begin += kTablesAtOnce) {
    const auto rows = connection.Query(
        absl::StrJoin(absl::MakeConstSpan(selects).subspan(begin, kTablesAtOnce), "\nUNION ALL\n"),
        call);
    if (!rows.ok()) return rows.status();
    AppendObjects(*rows, catalogue);
  }
  return absl::OkStatus();
}

bool HasColumns(const std::string& present, absl::string_view wanted) {
  const std::set<absl::string_view> columns = absl::StrSplit(present, kColumnSeparator);
  const std::vector<absl::string_view> names = absl::StrSplit(wanted, ',');
  return std::all_of(names.begin(), names.end(),
                     [&](absl::string_view name) { return columns.contains(name); });
}

// Adds a statement for each that can be read.
void SeeTable(const QueryResult& found, size_t row, std::vector<std::string>& selects,
              Catalogue& catalogue) {
  for (const MigrationTable& table : kMigrationTables) {
    if (found.Text(row, 1) != table.name) continue;
    if (!HasColumns(found.Text(row, 2), table.columns)) continue;  // another's table of that name
    if (found.Text(row, 3) == "t") {
      selects.push_back(SelectFrom(table, found, row));
    } else {
      catalogue.gaps.push_back(absl::StrCat("The migrations in ", found.Text(row, 0), ".",
                                            table.name, " may not be read"));
    }
  }
}

std::string TableNames() {
  return absl::StrJoin(kMigrationTables, ",", [](std::string* out, const MigrationTable& table) {
    out->append(table.name.data(), table.name.size());
  });
}

}  // namespace

absl::Status ReadMigrationRecords(Connection& connection, const Call& call, Catalogue& catalogue) {
  const auto found = connection.Query(CatalogueStatement(kFindTables), {TableNames()}, call);
  if (!found.ok()) return found.status();
  std::vector<std::string> selects;
  for (size_t row = 0; row < found->rows.size(); ++row) SeeTable(*found, row, selects, catalogue);
  return ReadTables(connection, selects, call, catalogue);
}

}  // namespace davit::database
