#ifndef DAVIT_WORKER_DATABASE_CATALOGUE_TYPE_WIDENING_H_
#define DAVIT_WORKER_DATABASE_CATALOGUE_TYPE_WIDENING_H_

#include "absl/strings/string_view.h"

namespace davit::database {

// Whether every value of type `before`, as format_type writes it, is one of `after`, and
// clients read both alike: a longer or unlimited varchar, more digits before the same
// number behind the point. Integers are not: clients read them by their width.
bool IsWidening(absl::string_view before, absl::string_view after);

// smallint, integer, bigint: whether `after` is the wider.
bool IsWiderInteger(absl::string_view before, absl::string_view after);

// Whether an enum's values of `before` are all in `after`, in their order.
bool AddsEnumValuesOnly(absl::string_view before, absl::string_view after);

// Whether a check is certainly passed by NULLs: comparisons only, no functions, no word
// of NULL itself.
bool PassesNulls(absl::string_view check_definition);

// Whether an index's expressions and condition fail for no value: lower, upper and
// comparisons with NULL.
bool NeverFails(absl::string_view index_definition);

// The same of what a column is generated from, which may be longer than an index's entry.
bool NeverFailsAsGenerated(absl::string_view expression);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CATALOGUE_TYPE_WIDENING_H_
