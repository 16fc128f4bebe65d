#ifndef DAVIT_WORKER_DATABASE_CONNECTION_SQL_QUOTE_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_SQL_QUOTE_H_

#include <string>

#include "absl/strings/string_view.h"

// Names and texts for statements that take no parameters, as those that make databases.
namespace davit::database {

// "name", for a statement.
std::string QuotedIdentifier(absl::string_view name);
// schema.name for people to paste, in quotes only where it needs them; without `schema` where that
// is empty or public.
std::string PastedName(absl::string_view schema, absl::string_view name);
// 'text', for a statement, whatever the server's standard_conforming_strings is.
std::string QuotedLiteral(absl::string_view text);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_SQL_QUOTE_H_
