#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_INVOCATION_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_INVOCATION_H_

#include <CLI/App.hpp>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/local/agent_directory.h"
#include "client/output/style.h"

namespace davit::commands {

// Options that several verbs have.
struct CommonOptions {
  std::string file;         // empty: davit.yaml here or in a directory above
  std::string environment;  // empty: the only one of the file
  bool local = false;
  std::string controller;
  std::string controller_name;  // in its certificate; empty: the host that is dialled
  std::string tls_dir;          // where our certificate lies
  std::string docker_socket;
  bool json = false;
  bool no_color = false;
  bool quiet = false;
};

// One run of the program: what it was told, what it may know, where it writes.
struct Invocation {
  std::ostream& out;  // data
  std::ostream& err;  // progress and errors
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int out_width = 0;         // columns of the terminal that `out` is; 0: none, or not known
  int err_width = 0;         // and that `err` is
  local::Variable variable;  // of the environment
  CommonOptions common{};
  int in_descriptor = 0;             // of standard input
  int out_descriptor = -1;           // that `out` writes to; negative: none
  std::vector<std::string> words{};  // after the program's name, as they were given
  std::function<int()> run{};        // set by the verb that was given; returns the exit code
  // Set by it as well: the code tells what became of a deployment, and does so whether or not
  // anybody could read the output. Other verbs have failed when that was lost.
  bool tells_outcome = false;

  // How to write for people on `err`, and on `out`.
  output::Style ErrStyle() const;
  output::Style OutStyle() const;
  // The options that lead a later command to the same controller, as they were
  // given: " --local"; empty when none were.
  std::string ConnectionOptions() const;
  // Shows the error on `err`, the commands that it advises with ConnectionOptions(),
  // and with --json as {"failure": …} on `out`. Returns its exit code. `deployment`: the
  // id of the one that it is about, where that is known.
  int Fail(const absl::Status& error, absl::string_view deployment = "") const;
  // A line on `err`, broken between words where the terminal is narrower.
  void Tell(absl::string_view line) const;
};

void AddProjectFileOption(CLI::App& verb, Invocation& invocation);
// That one, and the environment's name.
void AddFileOptions(CLI::App& verb, Invocation& invocation);
void AddConnectionOptions(CLI::App& verb, Invocation& invocation);
void AddOutputOptions(CLI::App& verb, Invocation& invocation);
// All of these: of a verb that asks a controller about an environment of the file.
void AddCommonOptions(CLI::App& verb, Invocation& invocation);
// An option that is a duration: 500ms, 90s, 10m.
void AddDurationOption(CLI::App& verb, const std::string& name, absl::Duration& duration,
                       const std::string& help);

// user@host of whoever runs this, for the record.
std::string CallerName(const Invocation& invocation);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_INVOCATION_H_
