#include "client/output/time_limits.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

std::string StepLimit(const v1::Step& step) {
  if (!step.has_timeout()) return "";
  return absl::StrCat(" (at most ", absl::FormatDuration(ToDuration(step.timeout())), ")");
}

std::string HealthLimit(const v1::App& app) {
  if (!app.has_healthcheck()) return "";
  const v1::Healthcheck& check = app.healthcheck();
  const absl::Duration delay = ToDuration(check.start_delay());
  const absl::Duration interval = ToDuration(check.interval());
  return absl::StrCat(
      "healthy within ", absl::FormatDuration(delay + check.attempts() * interval), ": ",
      Count(check.attempts(), "attempt"), ", one every ", absl::FormatDuration(interval),
      delay > absl::ZeroDuration() ? absl::StrCat(", after ", absl::FormatDuration(delay)) : "");
}

}  // namespace davit::output
