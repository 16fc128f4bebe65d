#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_QUERIES_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_QUERIES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/database/catalogue/catalogue.h"

namespace davit::database {

// Each runs over all user schemas; its rows are objects: kind (KindName's word), schema,
// table, name, definition, default, strict, expression, columns (parted by
// kColumnSeparator), id. PostgreSQL 12 and later.
absl::Span<const absl::string_view> CatalogueQueries();

inline constexpr char kColumnSeparator = '\x1f';

// The statement: `select` behind the common table expressions that it builds upon: `s`
// (oid, name: the user's schemas) and `r` (the relations in them, without extensions').
std::string CatalogueStatement(absl::string_view select);

// Appends the objects that rows of such a query are.
void AppendObjects(const QueryResult& rows, Catalogue& catalogue);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_CATALOGUE_QUERIES_H_
