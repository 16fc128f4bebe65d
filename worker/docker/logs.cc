#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "worker/docker/engine_impl.h"
#include "worker/docker/log_stream.h"

namespace davit::docker {
namespace {

constexpr size_t kMaxExecOutputBytes = 16 << 10;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

std::string LogsPath(absl::string_view container, const LogOptions& options) {
  std::string query = "/logs?stdout=1&stderr=1";
  if (options.timestamps) absl::StrAppend(&query, "&timestamps=1");
  if (options.follow) absl::StrAppend(&query, "&follow=1");
  if (options.tail >= 0) absl::StrAppend(&query, "&tail=", options.tail);
  if (options.since_unix_nanos > 0) {
    absl::StrAppendFormat(&query, "&since=%d.%09d", options.since_unix_nanos / kNanosPerSecond,
                          options.since_unix_nanos % kNanosPerSecond);
  }
  return ContainerPath(container, query);
}

}  // namespace

absl::Status Engine::Logs(absl::string_view container, const LogOptions& options, const Call& call,
                          absl::FunctionRef<bool(LogLine)> sink) {
  // Only the container's settings tell whether its output comes in frames.
  const absl::StatusOr<ContainerDetails> details = InspectContainer(container, call);
  if (!details.ok()) return details.status();
  FrameParser frames;
  LineJoiner joiner(options.timestamps);
  bool wanted = true;
  const auto counted_sink = [&](LogLine line) { return wanted = sink(std::move(line)); };
  const auto on_frame = [&](v1::LogStream stream, absl::string_view frame) {
    return joiner.AddFrame(stream, frame, counted_sink);
  };
  const auto on_data = [&](absl::string_view data) {
    return details->tty ? joiner.AddRaw(data, counted_sink) : frames.Feed(data, on_frame);
  };
  const absl::Status status =
      impl_->Stream({"GET", LogsPath(details->observed.id(), options)},
                    {Operation::kContainer, std::string(container)}, call, on_data);
  // What had arrived before the end is worth having, whatever the end was.
  if (wanted) joiner.Finish(counted_sink);
  return status.ok() ? frames.status() : status;
}

absl::StatusOr<ExecResult> Engine::Exec(absl::string_view container,
                                        const std::vector<std::string>& command, const Call& call) {
  const Topic topic{Operation::kStart, std::string(container)};
  const Json body = {{"Cmd", command}, {"AttachStdout", true}, {"AttachStderr", true}};
  const absl::StatusOr<Json> made =
      impl_->Ask({"POST", ContainerPath(container, "/exec"), DumpJson(body)}, topic, call);
  if (!made.ok()) return made.status();
  const std::string path = absl::StrCat("/exec/", UrlEscape(StringAt(*made, "Id")));
  FrameParser frames;
  ExecResult result;
  const auto on_frame = [&result](v1::LogStream, absl::string_view output) {
    absl::StrAppend(&result.output, output.substr(0, kMaxExecOutputBytes - result.output.size()));
    return true;
  };
  const absl::Status run =
      impl_->Stream({"POST", path + "/start", R"({"Detach":false,"Tty":false})"}, topic, call,
                    [&](absl::string_view data) { return frames.Feed(data, on_frame); });
  if (!run.ok()) return run;
  if (!frames.status().ok()) return frames.status();
  const absl::StatusOr<Json> state = impl_->Ask({"GET", path + "/json"}, topic, call);
  if (!state.ok()) return state.status();
  result.exit_code = static_cast<int>(IntAt(*state, "ExitCode"));
  return result;
}

}  // namespace davit::docker
