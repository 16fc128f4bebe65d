#ifndef DAVIT_COMMON_FAILURE_CATALOGUE_H_
#define DAVIT_COMMON_FAILURE_CATALOGUE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "davit/v1/failure.pb.h"

namespace davit {

// What is known of a failure code before anything was looked at.
struct CatalogueEntry {
  v1::FailureCode code;
  absl::StatusCode status;         // gRPC's word for it
  bool retryable;                  // the same again may succeed unchanged
  absl::string_view meaning;       // one sentence
  absl::string_view likely_cause;  // empty where only the case can tell
  absl::string_view next_command;  // what to do
};

// Every code of the enum but UNSPECIFIED, by number.
absl::Span<const CatalogueEntry> FailureCatalogue();

// The entry of `code`; INTERNAL's for one that is not listed.
const CatalogueEntry& FindCatalogueEntry(v1::FailureCode code);

}  // namespace davit

#endif  // DAVIT_COMMON_FAILURE_CATALOGUE_H_
