#include "common/rpc/build_terms.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit {
namespace {

absl::Status Stalled(absl::string_view message) {
  v1::Failure failure = MakeFailure(v1::STEP_STALLED, message);
  failure.set_likely_cause("the network, or who sends the build's folder, has stalled");
  failure.set_next_command("build again");
  return FailureStatus(failure);
}

absl::Status TooMany(int most, absl::string_view server) {
  v1::Failure failure = MakeFailure(
      v1::BUILD_FAILED,
      absl::StrCat("the ", server, " has ", most, " builds at work, and takes no more at a time"));
  failure.set_likely_cause("others build, too");
  failure.set_next_command("build again when one of them has ended");
  failure.set_retryable(true);
  absl::Status status(absl::StatusCode::kResourceExhausted, failure.message());
  FailureStatus(failure).ForEachPayload(
      [&status](absl::string_view url, const absl::Cord& payload) {
        status.SetPayload(url, payload);
      });
  return status;
}

}  // namespace

StreamTerms BuildTerms(const BuildLimits& limits, StreamSlots* slots, absl::string_view server,
                       absl::string_view first) {
  const std::string begins = absl::StrCat("a build begins with its ", first);
  return {.slots = slots,
          .first_patience = limits.first_patience,
          .late = Stalled(absl::StrCat(begins, ", which did not come within ",
                                       absl::FormatDuration(limits.first_patience))),
          .none = FailureStatus(v1::SPEC_INVALID, begins),
          .full = TooMany(limits.most, server)};
}

absl::Status ContextStalled(absl::Duration patience) {
  return Stalled(absl::StrCat("nothing more of the build's context came for ",
                              absl::FormatDuration(patience)));
}

}  // namespace davit
