#include "client/commands/command_line/command_line.h"

#include <poll.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/command_line/complete.h"
#include "client/commands/command_line/verb_names.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/exit_code.h"
#include "client/output/json.h"
#include "common/failure/failure.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

constexpr char kDescription[] =
    "Davit releases containers step by step, and takes them back when they are bad.";
constexpr char kExitCodes[] =
    "Exit codes: 0 live and healthy, 1 failed and nothing was changed, 2 bad input, 3 failed and\n"
    "rolled back, 4 a human is needed, 5 the lock is held, 6 controller or host unreachable or\n"
    "not authorised, 7 cancelled, 8 the watching ended before the deployment did, 10 something\n"
    "would change (plan --detailed-exitcode).";

void AddVerbs(CLI::App& app, Invocation& invocation) {
  app.name("davit");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  app.set_version_flag("--version", VersionText(), "The version of this program");
  AddDeploy(app, invocation);
  AddBuild(app, invocation);
  AddPlan(app, invocation);
  AddDoctor(app, invocation);
  AddRollback(app, invocation);
  AddPromote(app, invocation);
  AddBackup(app, invocation);
  AddBackups(app, invocation);
  AddRestore(app, invocation);
  AddStatus(app, invocation);
  AddHistory(app, invocation);
  AddShow(app, invocation);
  AddLogs(app, invocation);
  AddWatch(app, invocation);
  AddCancel(app, invocation);
  AddHosts(app, invocation);
  AddSecrets(app, invocation);
  AddValidate(app, invocation);
  AddSchema(app, invocation);
  AddInit(app, invocation);
  AddAgent(app, invocation);
  AddVersion(app, invocation);
  AddCompletion(app, invocation);
  AddHelp(app);
}

// " deploy", " hosts add"; empty when the arguments name no verb.
std::string PathOf(const CLI::App& verb) {
  return verb.get_parent() == nullptr
             ? ""
             : absl::StrCat(PathOf(*verb.get_parent()), " ", verb.get_name());
}

int RefuseArguments(const std::vector<std::string>& arguments, const std::string& message,
                    const std::vector<std::string>& verbs, const std::string& help,
                    const Invocation& invocation) {
  const std::string next = absl::StrCat("run `", help, "`");
  if (std::find(arguments.begin(), arguments.end(), "--json") != arguments.end()) {
    invocation.out << output::FailureJsonLine(FailureOf(BadInput(message, next))) << std::endl;
  }
  invocation.Tell(absl::StrCat("error: ", message));
  if (!verbs.empty()) invocation.Tell(absl::StrCat("Verbs: ", absl::StrJoin(verbs, " ")));
  invocation.Tell(absl::StrCat("Run `", help, "`."));
  return kBadInput;
}

int ShowParseError(const CLI::App& app, const std::vector<std::string>& arguments,
                   const CLI::ParseError& error, const Invocation& invocation) {
  if (error.get_exit_code() == 0) {
    app.exit(error, invocation.out, invocation.err);
    return kLive;
  }
  const bool unknown = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const CLI::App& verb = NamedVerb(arguments, app);
  // The parser would list them backwards.
  const std::string message =
      unknown ? absl::StrCat("not expected: ", absl::StrJoin(app.remaining(/*recurse=*/true), " "),
                             SuggestionFor(arguments, app))
              : std::string(error.what());
  return RefuseArguments(arguments, message, VerbNames(verb),
                         absl::StrCat("davit", PathOf(verb), " --help"), invocation);
}

// CLI11 would only say that some verb is required.
bool IsUnknownVerb(const std::vector<std::string>& verbs, const std::string& word) {
  return !word.empty() && word[0] != '-' &&
         std::find(verbs.begin(), verbs.end(), word) == verbs.end();
}

// `davit help VERB` is `davit VERB --help`.
std::vector<std::string> WithoutHelpVerb(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments[0] != kHelpVerb) return arguments;
  arguments.erase(arguments.begin());
  arguments.push_back("--help");
  return arguments;
}

// Of the first argument that is empty, most likely a variable of a script that is not
// set: taken for an option that was left out, it would release something else. Empty
// when there is none.
std::string EmptyArgument(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const bool is_option = word.size() > 1 && word[0] == '-';
    if (is_option && word.find('=') == word.size() - 1) {
      return absl::StrCat(word.substr(0, word.size() - 1), " has an empty value");
    }
    if (!word.empty()) continue;
    const bool of_option = i > 0 && arguments[i - 1].size() > 1 && arguments[i - 1][0] == '-';
    return of_option ? absl::StrCat(arguments[i - 1], " has an empty value")
                     : std::string("an argument is empty");
  }
  return "";
}

// Whoever read the output wants no more of it, as `head` does.
bool ReaderHasGone(int descriptor) {
  pollfd output{descriptor, POLLOUT, 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

// `code`, unless the output did not arrive and the code would say that all is well.
int CheckOutput(int code, const Invocation& invocation) {
  if (invocation.out.flush() || ReaderHasGone(invocation.out_descriptor)) return code;
  invocation.Tell("error: standard output could not be written; what is there is not all of it");
  return code == kLive && !invocation.tells_outcome ? kFailed : code;
}

int RunWords(const std::vector<std::string>& words, Invocation& invocation) {
  CLI::App app(kDescription);
  AddVerbs(app, invocation);
  const std::vector<std::string> arguments = WithoutHelpVerb(words);
  invocation.words = arguments;
  if (!arguments.empty() && arguments[0] == kCompleteVerb) {
    return Complete({arguments.begin() + 1, arguments.end()}, app, invocation);
  }
  const std::vector<std::string> verbs = VerbNames(app);
  if (!arguments.empty() && IsUnknownVerb(verbs, arguments[0])) {
    return RefuseArguments(arguments,
                           absl::StrCat("there is no verb `", arguments[0], "`",
                                        spec::DidYouMean(arguments[0], verbs)),
                           verbs, "davit --help", invocation);
  }
  if (const std::string empty = EmptyArgument(arguments); !empty.empty()) {
    return RefuseArguments(arguments, absl::StrCat(empty, ": is a variable of the shell not set?"),
                           {}, absl::StrCat("davit", PathOf(NamedVerb(arguments, app)), " --help"),
                           invocation);
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return ShowParseError(app, arguments, error, invocation);
  }
  return invocation.run();
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& words, Invocation& invocation) {
  const int code = RunWords(words, invocation);
  return CheckOutput(code, invocation);
}

}  // namespace davit::commands
