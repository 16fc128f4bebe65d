#include "worker/database/migration_records.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "worker/database/catalogue_queries.h"

namespace davit::database {
namespace {

// A framework's table: which columns it is known by, and what of a row is its name and
// its state.
struct MigrationTable {
  absl::string_view name;
  absl::string_view columns;  // sorted, parted by commas: all must be there
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

// Their schema, name, how many of the columns asked for they have, whether they can be read.
constexpr absl::string_view kFindTables = R"sql(
SELECT nspname, relname,
  (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = r.oid AND NOT a.attisdropped
   AND a.attname = ANY (string_to_array($2, ','))),
  has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'SELECT'),
  quote_ident(nspname), quote_literal(nspname)
FROM r WHERE relkind IN ('r', 'p') AND relname = $1 ORDER BY nspname)sql";

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

// Adds a statement for each that can be read.
void SeeTables(const MigrationTable& table, const QueryResult& found,
               std::vector<std::string>& selects, Catalogue& catalogue) {
  const std::string wanted =
      absl::StrCat(std::count(table.columns.begin(), table.columns.end(), ',') + 1);
  for (size_t row = 0; row < found.rows.size(); ++row) {
    if (found.Text(row, 2) != wanted) continue;  // another's table of that name
    if (found.Text(row, 3) == "t") {
      selects.push_back(SelectFrom(table, found, row));
    } else {
      catalogue.gaps.push_back(absl::StrCat("The migrations in ", found.Text(row, 0), ".",
                                            table.name, " may not be read"));
    }
  }
}

}  // namespace

absl::Status ReadMigrationRecords(Connection& connection, const Call& call, Catalogue& catalogue) {
  std::vector<std::string> selects;
  for (const MigrationTable& table : kMigrationTables) {
    const auto found =
        connection.Query(CatalogueStatement(kFindTables),
                         {std::string(table.name), std::string(table.columns)}, call);
    if (!found.ok()) return found.status();
    SeeTables(table, *found, selects, catalogue);
  }
  return ReadTables(connection, selects, call, catalogue);
}

}  // namespace davit::database
