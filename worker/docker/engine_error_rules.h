#ifndef DAVIT_WORKER_DOCKER_ENGINE_ERROR_RULES_H_
#define DAVIT_WORKER_DOCKER_ENGINE_ERROR_RULES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "davit/v1/failure.pb.h"
#include "worker/docker/engine_errors.h"

namespace davit::docker {

// What is read out of the engine's words.
enum class ErrorDetail { kNone, kPort, kName, kCommand, kNetwork, kHost, kTarget };

constexpr unsigned kAnyOperation = ~0u;

// One row of the table. In the texts $0 is the topic's subject, $1 the detail,
// $2 the registry of the subject and $3, with kName, the id of the name's holder.
struct ErrorRule {
  unsigned operations = kAnyOperation;  // Operation, or several of them
  int http_status = 0;                  // 0: any
  absl::string_view pattern;            // in lower case
  v1::FailureCode code = v1::DOCKER_ERROR;
  absl::string_view message;
  absl::string_view likely_cause = "";  // empty: the catalogue's
  absl::string_view next_command = "";  // empty: the catalogue's
  ErrorDetail detail = ErrorDetail::kNone;
  absl::string_view evidence = "";     // for the detail, when it was found
  absl::string_view and_pattern = "";  // must be there, too
  absl::string_view registry = "";     // only for this one
};

// The table; the first row that fits is meant.
absl::Span<const ErrorRule> ErrorRules();

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_ENGINE_ERROR_RULES_H_
