#ifndef DAVIT_WORKER_STEPS_DATABASE_LIMITED_CALL_H_
#define DAVIT_WORKER_STEPS_DATABASE_LIMITED_CALL_H_

#include "absl/time/time.h"
#include "common/call.h"
#include "google/protobuf/util/time_util.h"

namespace davit::steps {

// `call`, within the timeout that the step's `spec` has of its own; as it is where that has none.
template <typename Spec>
Call LimitedCall(const Call& call, const Spec& spec) {
  if (!spec.has_timeout()) return call;
  return call.Within(
      absl::Nanoseconds(google::protobuf::util::TimeUtil::DurationToNanoseconds(spec.timeout())));
}

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_LIMITED_CALL_H_
