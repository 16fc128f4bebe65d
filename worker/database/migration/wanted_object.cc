#include "worker/database/migration/wanted_object.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "worker/database/catalogue/catalogue_queries.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/connection/transaction.h"

namespace davit::database {
namespace {

using Wanted = WantedStatement::Kind;

constexpr absl::string_view kTry =
    "BEGIN; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = '10s'";
// Definitions have the names of types as ReadCatalogue has them.
constexpr absl::string_view kReadAsCatalogues = "SET LOCAL search_path = pg_catalog";

std::string MakeTable(const WantedStatement& wanted, const std::string& place,
                      const std::string& schema) {
  if (wanted.kind == Wanted::kTable) return absl::StrCat("CREATE TABLE ", place, " ", wanted.rest);
  if (wanted.kind == Wanted::kColumn) return absl::StrCat("CREATE TABLE ", place, " ()");
  return absl::StrCat("CREATE TABLE ", place, " (LIKE ", QuotedIdentifier(schema), ".",
                      QuotedIdentifier(wanted.table), ")");
}

std::vector<std::string> StatementsFor(const WantedStatement& wanted, const std::string& own,
                                       const std::string& schema) {
  const std::string place =
      absl::StrCat(QuotedIdentifier(own), ".", QuotedIdentifier(wanted.table));
  const std::string name = QuotedIdentifier(wanted.name);
  std::vector<std::string> statements = {MakeTable(wanted, place, schema)};
  if (wanted.kind == Wanted::kIndex) {
    statements.push_back(absl::StrCat("CREATE ", wanted.unique ? "UNIQUE " : "", "INDEX ", name,
                                      " ON ", place, " ", wanted.rest));
  } else if (wanted.kind != Wanted::kTable) {
    const absl::string_view what = wanted.kind == Wanted::kColumn ? "COLUMN " : "CONSTRAINT ";
    statements.push_back(
        absl::StrCat("ALTER TABLE ", place, " ADD ", what, name, " ", wanted.rest));
  }
  for (const std::string& change : wanted.later) {
    statements.push_back(absl::StrCat("ALTER TABLE ", place, " ALTER COLUMN ", name, " ", change));
  }
  return statements;
}

absl::Status ReadSchema(Connection& connection, const std::string& schema, const Call& call,
                        Catalogue& made) {
  absl::Status status = connection.Query(kReadAsCatalogues, call).status();
  if (!status.ok()) return status;
  for (const absl::string_view select : CatalogueQueries()) {
    const auto rows = connection.Query(CatalogueStatement(select), call);
    if (!rows.ok()) return rows.status();
    AppendObjects(*rows, made);
  }
  made.objects.erase(
      std::remove_if(made.objects.begin(), made.objects.end(),
                     [&](const CatalogueObject& object) { return object.schema != schema; }),
      made.objects.end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Catalogue> TryWanted(Connection& connection, const WantedStatement& wanted,
                                    const std::string& schema, const Call& call) {
  const std::string own = absl::StrCat("davit_wanted_", connection.backend_pid());
  Catalogue made;
  bool read = false;
  const absl::Status undone = InTransaction(connection, kTry, call, [&] {
    absl::Status status =
        connection.Query(absl::StrCat("CREATE SCHEMA ", QuotedIdentifier(own)), call).status();
    for (const std::string& statement : StatementsFor(wanted, own, schema)) {
      if (status.ok()) status = connection.Query(statement, call).status();
    }
    if (status.ok()) status = ReadSchema(connection, own, call, made);
    read = status.ok();
    // Never committed.
    return read ? absl::AbortedError("what was tried is undone") : status;
  });
  if (!read) return undone;
  SortCatalogue(made);
  return made;
}

}  // namespace davit::database
