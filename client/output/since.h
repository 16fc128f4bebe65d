#ifndef DAVIT_CLIENT_OUTPUT_SINCE_H_
#define DAVIT_CLIENT_OUTPUT_SINCE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/output/deployment_model.h"
#include "client/output/text.h"

namespace davit::output {

// For how long `container`, in Docker's `state`, has been up. A dash when it is not:
// its start says nothing of the time since which it is in that state.
template <class Container>
std::string SinceCell(const Container& container, absl::string_view state, absl::Time now) {
  const bool up = state == "running" || state == "paused";
  if (!up || !container.has_start_time()) return "-";
  return FormatElapsed(now - ToTime(container.start_time()));
}

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_SINCE_H_
