#include "worker/steps/container/lookup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

constexpr int kTailLines = 100;
constexpr absl::Duration kTailPatience = absl::Seconds(3);

}  // namespace

absl::StatusOr<std::optional<docker::ContainerDetails>> FindContainer(docker::Engine& engine,
                                                                      absl::string_view container,
                                                                      const Call& call) {
  auto details = engine.InspectContainer(container, call);
  if (details.ok()) return *std::move(details);
  if (IsFailure(details.status(), v1::CONTAINER_GONE)) return std::nullopt;
  return details.status();
}

bool WasStarted(const docker::ContainerDetails& container) {
  return container.observed.has_start_time();
}

bool IsRunning(const docker::ContainerDetails& container) {
  const std::string& state = container.observed.state();
  return state == "running" || state == "paused" || state == "restarting";
}

std::string Describe(const worker::v1::ObservedContainer& container) {
  return absl::StrCat(container.name(), " (", container.id().substr(0, 12), ")");
}

std::vector<std::string> LogTail(docker::Engine& engine, absl::string_view container) {
  std::vector<std::string> lines;
  bool is_rest = false;  // whether the next one is the rest of a long line
  docker::LogOptions options;
  options.tail = kTailLines;
  const Call call{.steady_deadline = SteadyNow() + kTailPatience};
  // A container without readable logs, or none at all, has no tail.
  engine
      .Logs(container, options, call,
            [&](docker::LogLine line) {
              // A secret may lie where a long line is cut.
              if (is_rest) {
                lines.back() += CleanText(line.text);
              } else {
                lines.push_back(CleanText(line.text));
              }
              is_rest = line.goes_on;
              return true;
            })
      .IgnoreError();
  return lines;
}

void AddLogTail(docker::Engine& engine, absl::string_view container, v1::Failure& failure) {
  for (std::string& line : LogTail(engine, container)) failure.add_log_tail(std::move(line));
}

}  // namespace davit::steps
