#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_DEFAULT_RULES_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_DEFAULT_RULES_H_

#include "absl/strings/string_view.h"

namespace davit::database {

// Whether a column's default, as the server writes it, can be made for each new row: a constant,
// the time, a random or next number or UUID, an identity. Anything else may fail when a row is
// inserted by who does not know the column.
bool NeverFailsAsDefault(absl::string_view expression);

// Whether it is the NULL that a default with a type may be.
bool IsNullDefault(absl::string_view expression);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_DEFAULT_RULES_H_
