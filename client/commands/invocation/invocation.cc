#include "client/commands/invocation/invocation.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/invocation/shell_command.h"
#include "client/output/failure_text.h"
#include "client/output/json.h"
#include "client/output/next_command.h"
#include "client/output/text.h"
#include "client/output/wrap.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

bool IsSet(const Invocation& invocation, const char* name) {
  return !invocation.variable(name).value_or("").empty();
}

output::Style StyleFor(const Invocation& invocation, bool is_terminal, int width) {
  const bool able = is_terminal && invocation.variable("TERM").value_or("") != "dumb";
  const bool plain = invocation.common.no_color || IsSet(invocation, "NO_COLOR");
  return output::Style{.color = able && !plain, .unicode = able, .width = width};
}

// davit.yaml's problems, or the command line's: laid out already.
bool IsLaidOut(const v1::Failure& failure) {
  return failure.code() == v1::SPEC_INVALID && absl::StrContains(failure.message(), '\n');
}

std::string UserName() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return entry.pw_name;
  }
  return absl::StrCat("uid", geteuid());
}

}  // namespace

output::Style Invocation::ErrStyle() const { return StyleFor(*this, err_is_terminal, err_width); }
output::Style Invocation::OutStyle() const { return StyleFor(*this, out_is_terminal, out_width); }

std::string Invocation::ConnectionOptions() const {
  std::string options = common.local ? " --local" : "";
  const auto add = [&](absl::string_view name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&options, " ", name, " ", ShellWord(value));
  };
  add("--docker-socket", common.local ? common.docker_socket : "");
  add("--controller", common.controller);
  add("--controller-name", common.controller_name);
  add("--tls-dir", common.tls_dir);
  return options;
}

int Invocation::Fail(const absl::Status& error, absl::string_view deployment) const {
  v1::Failure failure = FailureOf(error);
  output::FillIn(failure, deployment, /*host=*/"");
  if (common.json) out << output::FailureJsonLine(failure) << std::endl;
  output::CompleteCommands(failure, ConnectionOptions());
  err << (IsLaidOut(failure) ? output::Sanitize(failure.message())
                             : output::ErrorText(failure, ErrStyle()));
  err.flush();
  return ExitCodeOf(error);
}

void Invocation::Tell(absl::string_view line) const {
  err << output::HangText("", line, err_width) << std::flush;
}

void AddProjectFileOption(CLI::App& verb, Invocation& invocation) {
  verb.add_option("-f,--file", invocation.common.file,
                  "The project's file; by default davit.yaml here or in a directory above");
}

void AddFileOptions(CLI::App& verb, Invocation& invocation) {
  AddProjectFileOption(verb, invocation);
  verb.add_option("-e,--env", invocation.common.environment,
                  "The environment; may be left out when the file has only one");
}

void AddConnectionOptions(CLI::App& verb, Invocation& invocation) {
  verb.add_flag("--local", invocation.common.local,
                "Deploy to this machine's Docker with an agent that starts by itself");
  verb.add_option("--controller", invocation.common.controller,
                  "Address of the controller: unix:/path or host:port (DAVIT_CONTROLLER)");
  verb.add_option("--controller-name", invocation.common.controller_name,
                  "Name that its certificate is for, when that is not the host of the address "
                  "(DAVIT_CONTROLLER_NAME)");
  verb.add_option("--tls-dir", invocation.common.tls_dir,
                  "Directory with our ca.crt, tls.crt and tls.key (DAVIT_TLS_DIR); by default "
                  "~/.config/davit/tls");
  verb.add_option("--docker-socket", invocation.common.docker_socket,
                  "With --local: the Docker Engine's socket (DOCKER_HOST)");
}

void AddOutputOptions(CLI::App& verb, Invocation& invocation) {
  verb.add_flag("--json", invocation.common.json, "Machine-readable output");
  verb.add_flag("--no-color", invocation.common.no_color, "No colours (NO_COLOR)");
  verb.add_flag("-q,--quiet", invocation.common.quiet, "Failures and results only");
}

void AddCommonOptions(CLI::App& verb, Invocation& invocation) {
  AddFileOptions(verb, invocation);
  AddConnectionOptions(verb, invocation);
  AddOutputOptions(verb, invocation);
}

void AddDurationOption(CLI::App& verb, const std::string& name, absl::Duration& duration,
                       const std::string& help) {
  verb.add_option_function<std::string>(
          name,
          [name, &duration](const std::string& text) {
            if (!absl::ParseDuration(text, &duration) || duration < absl::ZeroDuration()) {
              throw CLI::ValidationError(name,
                                         "\"" + text + "\" is no duration such as 90s or 10m");
            }
          },
          help)
      ->type_name("DURATION");
}

std::string CallerName(const Invocation& invocation) {
  if (IsSet(invocation, "GITHUB_ACTOR")) {
    return absl::StrCat(*invocation.variable("GITHUB_ACTOR"), "@github");
  }
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return absl::StrCat(UserName(), "@", host.data());
}

}  // namespace davit::commands
