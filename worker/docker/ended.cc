// How a container has ended, with what the engine says of it only afterwards.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "worker/docker/engine_impl.h"

namespace davit::docker {
namespace {

constexpr int kKilledBySignal = 137;
// How long after a container's end a busy engine may hear of the kernel's deed.
constexpr absl::Duration kKernelPatience = absl::Milliseconds(500);

std::string EventsUntil(const ContainerDetails& container, absl::Time until) {
  const Json filters = {{"container", {container.observed.id()}}, {"event", {"oom"}}};
  const int64_t nanos = absl::ToUnixNanos(until);
  return absl::StrCat("/events?since=", container.observed.start_time().seconds(),
                      "&until=", nanos / 1'000'000'000, ".",
                      absl::Dec(nanos % 1'000'000'000, absl::kZeroPad9),
                      "&filters=", UrlEscape(DumpJson(filters)));
}

}  // namespace

absl::StatusOr<ContainerDetails> Engine::InspectEnded(absl::string_view container,
                                                      const Call& call) {
  absl::StatusOr<ContainerDetails> details = InspectContainer(container, call);
  if (!details.ok() || details->oom_killed) return details;
  if (details->observed.exit_code() != kKilledBySignal) return details;
  const absl::Status heard =
      impl_->Stream({"GET", EventsUntil(*details, absl::Now() + kKernelPatience)},
                    {Operation::kContainer, std::string(container)}, call, [&](absl::string_view) {
                      details->oom_killed = true;
                      return false;
                    });
  if (!heard.ok()) return heard;
  return details;
}

}  // namespace davit::docker
