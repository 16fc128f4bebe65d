// How a container has ended, with what the engine says of it only afterwards.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "worker/docker/engine_impl.h"
#include "worker/docker/json_lines.h"

namespace davit::docker {
namespace {

constexpr int kKilledBySignal = 137;
// How long after a container's end a busy engine may hear of the kernel's deed.
constexpr absl::Duration kKernelPatience = absl::Milliseconds(500);

// The engine tells its latest events also to who asks later.
std::string EventsOf(const ContainerDetails& container, absl::string_view event, int64_t since,
                     absl::Time until) {
  const Json filters = {{"container", {container.observed.id()}}, {"event", {std::string(event)}}};
  const int64_t nanos = absl::ToUnixNanos(until);
  return absl::StrCat("/events?since=", since, "&until=", nanos / 1'000'000'000, ".",
                      absl::Dec(nanos % 1'000'000'000, absl::kZeroPad9),
                      "&filters=", UrlEscape(DumpJson(filters)));
}

bool WasStartedAgain(const ContainerDetails& container) {
  return container.restart_count > 0 && container.observed.state() == "running";
}

}  // namespace

absl::StatusOr<ContainerDetails> Engine::InspectEnded(absl::string_view container,
                                                      const Call& call) {
  absl::StatusOr<ContainerDetails> details = InspectContainer(container, call);
  if (!details.ok() || details->oom_killed) return details;
  if (WasStartedAgain(*details)) return impl_->WithLastExit(*std::move(details), call);
  if (details->observed.exit_code() != kKilledBySignal) return details;
  const std::string events = EventsOf(*details, "oom", details->observed.start_time().seconds(),
                                      absl::Now() + kKernelPatience);
  const absl::Status heard =
      impl_->Stream({"GET", events}, {Operation::kContainer, std::string(container)}, call,
                    [&](absl::string_view) {
                      details->oom_killed = true;
                      return false;
                    });
  if (!heard.ok()) return heard;
  return details;
}

// A running container has the exit code 0; that of its last end is told in an event.
absl::StatusOr<ContainerDetails> Engine::Impl::WithLastExit(ContainerDetails details,
                                                            const Call& call) {
  JsonLines lines;
  const auto read = [&](const Json& event) {
    int code = 0;
    const std::string text = StringAt(At(At(event, "Actor"), "Attributes"), "exitCode");
    if (absl::SimpleAtoi(text, &code)) details.observed.set_exit_code(code);
  };
  const std::string events =
      EventsOf(details, "die", absl::ToUnixSeconds(details.finished_at), absl::Now());
  const absl::Status heard = Stream({"GET", events}, {Operation::kContainer, details.observed.id()},
                                    call, [&](absl::string_view data) {
                                      lines.Feed(data, read);
                                      return true;
                                    });
  if (!heard.ok()) return heard;
  lines.Finish(read);
  return details;
}

}  // namespace davit::docker
