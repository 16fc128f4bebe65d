#ifndef DAVIT_COMMON_RPC_BUILD_TERMS_H_
#define DAVIT_COMMON_RPC_BUILD_TERMS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/stream_terms.h"

namespace davit {

// How long a build's caller may take, and how many builds there may be at a time: they
// are what the service has most of the least.
struct BuildLimits {
  int most;                                           // at a time
  absl::Duration first_patience = absl::Seconds(10);  // for the header
  absl::Duration piece_patience = absl::Minutes(2);   // for the next piece of the context
};

// The terms for builds. `server` and `first` in words: "controller", "header"; `slots`
// has `limits.most`. More builds end with RESOURCE_EXHAUSTED.
StreamTerms BuildTerms(const BuildLimits& limits, StreamSlots* slots, absl::string_view server,
                       absl::string_view first);

// STEP_STALLED: the next piece did not come in time.
absl::Status ContextStalled(absl::Duration patience);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_BUILD_TERMS_H_
