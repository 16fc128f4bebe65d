#include <limits>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/invocation/end_on_interrupt.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/project_file.h"
#include "client/commands/project/request.h"
#include "client/output/text.h"
#include "common/failure/failure.h"
#include "nlohmann/json.hpp"

namespace davit::commands {
namespace {

constexpr char kAll[] = "all";
constexpr int kEveryLine = std::numeric_limits<int32_t>::max();

struct LogsOptions {
  std::string app;
  std::string tail = "100";
  bool follow = false;
};

// An object for each line: Protobuf's own JSON would have the bytes in Base64.
std::string JsonLines(const v1::TailLogsResponse& chunk) {
  std::string text;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(chunk.data(), "\n"), '\n')) {
    const nlohmann::json json = {{"host", chunk.host()},
                                 {"stream", v1::LogStream_Name(chunk.stream())},
                                 {"text", std::string(line)}};
    absl::StrAppend(&text, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                    "\n");
  }
  return text;
}

void Print(const Invocation& invocation, const v1::TailLogsResponse& chunk, bool name_hosts) {
  // Of the controller itself, about a host: no output of the app's.
  if (chunk.stream() == v1::LOG_STREAM_UNSPECIFIED) {
    invocation.Tell(absl::StrCat("davit: ", absl::StripSuffix(chunk.data(), "\n")));
    return;
  }
  if (invocation.common.json) {
    invocation.out << JsonLines(chunk) << std::flush;
    return;
  }
  std::ostream& out = invocation.out;
  // A file or a program gets the bytes as they are; a terminal must not obey them.
  if (!invocation.out_is_terminal && !name_hosts) {
    out << chunk.data() << std::flush;
    return;
  }
  const std::string prefix = name_hosts ? absl::StrCat(chunk.host(), " | ") : "";
  std::string text;
  for (const std::string& line : output::SafeLines(chunk.data())) {
    absl::StrAppend(&text, prefix, line, "\n");
  }
  out << text << std::flush;
}

int Stream(const Invocation& invocation, Connection& connection, const v1::TailLogsRequest& request,
           bool name_hosts) {
  grpc::ClientContext context;
  const EndOnInterrupt end_on_interrupt(context);
  const auto reader = connection.stub().TailLogs(&context, request);
  v1::TailLogsResponse chunk;
  while (reader->Read(&chunk)) Print(invocation, chunk, name_hosts);
  const grpc::Status status = reader->Finish();
  if (status.ok() || end_on_interrupt.requested()) return kLive;
  return invocation.Fail(connection.Diagnose(connection.Explain(status, "TailLogs")));
}

// What CLI11 asks of a value: empty when it is one.
std::string CheckTail(const std::string& value) {
  int lines = 0;
  if (value == kAll || (absl::SimpleAtoi(value, &lines) && lines > 0)) return "";
  return absl::StrCat("a number of lines from 1 on, or ", kAll, ", not ", value);
}

int TailLines(const std::string& value) {
  int lines = kEveryLine;
  if (value != kAll && !absl::SimpleAtoi(value, &lines)) lines = 0;  // the controller's default
  return lines;
}

int Logs(const Invocation& invocation, const LogsOptions& options) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return invocation.Fail(spec.status());
  if (absl::Status known = CheckApp(*spec, options.app); !known.ok()) return invocation.Fail(known);
  if (invocation.common.local) PutOnThisMachine(*spec);
  const auto connection = Connection::Open(invocation);
  if (!connection.ok()) return invocation.Fail(connection.status());
  v1::TailLogsRequest request;
  request.set_project(spec->project());
  request.set_environment(spec->environment());
  request.set_app(options.app);
  request.set_tail(TailLines(options.tail));
  request.set_follow(options.follow);
  return Stream(invocation, **connection, request, spec->hosts_size() > 1);
}

}  // namespace

void AddLogs(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* verb = app.add_subcommand("logs", "Output of an app's serving containers");
  verb->add_option("app", options->app, "The app")->required();
  verb->add_flag("-f,--follow", options->follow, "Go on until Ctrl-C");
  verb->add_option("--tail", options->tail, "Lines from the end to begin with, or all")
      ->check(CheckTail, "N|all");
  verb->add_option("--file", invocation.common.file,
                   "The project's file; by default davit.yaml here or in a directory above");
  verb->add_option("-e,--env", invocation.common.environment,
                   "The environment; may be left out when the file has only one");
  AddConnectionOptions(*verb, invocation);
  AddOutputOptions(*verb, invocation);
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Logs(invocation, *options); };
  });
}

}  // namespace davit::commands
