#include "common/failure/failure.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/failure/catalogue.h"

namespace davit {
namespace {

constexpr absl::string_view kPayloadUrl = "type.googleapis.com/davit.v1.Failure";

v1::FailureCode CodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return v1::CANCELLED_BY_USER;
    case absl::StatusCode::kDeadlineExceeded:
      return v1::STEP_TIMEOUT;
    case absl::StatusCode::kInvalidArgument:
      return v1::SPEC_INVALID;
    case absl::StatusCode::kNotFound:
      return v1::NOT_FOUND;
    case absl::StatusCode::kUnavailable:
      return v1::HOST_UNREACHABLE;
    default:
      return v1::INTERNAL;
  }
}

}  // namespace

v1::Failure MakeFailure(v1::FailureCode code, absl::string_view message,
                        std::vector<std::string> evidence) {
  const CatalogueEntry& entry = FindCatalogueEntry(code);
  v1::Failure failure;
  failure.set_code(code);
  failure.set_message(std::string(message));
  for (std::string& fact : evidence) failure.add_evidence(std::move(fact));
  failure.set_likely_cause(std::string(entry.likely_cause));
  failure.set_next_command(std::string(entry.next_command));
  failure.set_retryable(entry.retryable);
  return failure;
}

absl::Status FailureStatus(const v1::Failure& failure) {
  absl::Status status(FindCatalogueEntry(failure.code()).status, failure.message());
  status.SetPayload(kPayloadUrl, absl::Cord(failure.SerializeAsString()));
  return status;
}

absl::Status FailureStatus(v1::FailureCode code, absl::string_view message,
                           std::vector<std::string> evidence) {
  return FailureStatus(MakeFailure(code, message, std::move(evidence)));
}

v1::Failure FailureOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kPayloadUrl)) {
    v1::Failure failure;
    if (failure.ParseFromString(std::string(*payload))) return failure;
  }
  return MakeFailure(CodeOf(status), status.message());
}

bool IsFailure(const absl::Status& status, v1::FailureCode code) {
  return !status.ok() && FailureOf(status).code() == code;
}

}  // namespace davit
