#include "client/output/next_command.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace davit::output {
namespace {

constexpr absl::string_view kProgram = "davit ";
constexpr std::array<absl::string_view, 17> kVerbsWithController = {
    "deploy", "plan",  "doctor",  "promote", "status", "history", "show",    "logs",    "watch",
    "cancel", "hosts", "secrets", "build",   "backup", "backups", "restore", "rollback"};

bool SpeaksToAController(absl::string_view command) {
  const absl::string_view words = command.substr(kProgram.size());
  const absl::string_view verb = words.substr(0, words.find(' '));
  return std::find(kVerbsWithController.begin(), kVerbsWithController.end(), verb) !=
             kVerbsWithController.end() &&
         !absl::StrContains(command, " --local") && !absl::StrContains(command, " --controller");
}

// Where the command that `text` begins with ends. `before`: what stands before it.
size_t CommandEnd(absl::string_view text, char before) {
  if (before == '`') return std::min(text.find('`'), text.size());
  return std::min(text.find_first_of(before == '(' ? ")" : ",;(\n"), text.size());
}

void Complete(v1::Failure& failure, absl::string_view id, absl::string_view host,
              absl::string_view options) {
  FillIn(failure, id, host);
  CompleteCommands(failure, options);
}

void Complete(v1::Step& step, absl::string_view id, absl::string_view options) {
  if (step.has_failure()) Complete(*step.mutable_failure(), id, step.host(), options);
}

}  // namespace

std::optional<CommandSpan> FindCommand(absl::string_view text, size_t from) {
  for (size_t at = text.find(kProgram, from); at != absl::string_view::npos;
       at = text.find(kProgram, at + 1)) {
    const bool marked = at == 0 || text[at - 1] == '`' || text[at - 1] == '(';
    if (!marked && !absl::EndsWith(text.substr(0, at), ": ")) continue;
    absl::string_view command =
        text.substr(at, CommandEnd(text.substr(at), at > 0 ? text[at - 1] : ' '));
    while (absl::EndsWith(command, " ")) command.remove_suffix(1);
    return CommandSpan{at, at + command.size()};
  }
  return std::nullopt;
}

void FillIn(v1::Failure& failure, absl::string_view id, absl::string_view host) {
  for (v1::Failure& part : *failure.mutable_parts()) FillIn(part, id, host);
  std::string& text = *failure.mutable_next_command();
  if (!id.empty()) {
    absl::StrReplaceAll({{"davit show DEPLOYMENT", absl::StrCat("davit show ", id)}}, &text);
  }
  if (host.empty()) return;
  absl::StrReplaceAll({{"davit hosts show HOST", absl::StrCat("davit hosts show ", host)},
                       {"davit hosts adopt HOST", absl::StrCat("davit hosts adopt ", host)}},
                      &text);
}

std::string CompleteCommands(absl::string_view text, absl::string_view options) {
  std::string result;
  size_t done = 0;
  for (auto found = FindCommand(text, 0); found && !options.empty();
       found = FindCommand(text, done)) {
    const absl::string_view command = text.substr(found->begin, found->end - found->begin);
    absl::StrAppend(&result, text.substr(done, found->begin - done), command);
    if (SpeaksToAController(command)) absl::StrAppend(&result, options);
    done = found->end;
  }
  return absl::StrCat(result, text.substr(done));
}

void CompleteCommands(v1::Failure& failure, absl::string_view options) {
  failure.set_next_command(CompleteCommands(failure.next_command(), options));
  for (std::string& fact : *failure.mutable_evidence()) fact = CompleteCommands(fact, options);
  for (v1::Failure& part : *failure.mutable_parts()) CompleteCommands(part, options);
}

void CompleteCommands(v1::Deployment& deployment, absl::string_view options) {
  const std::string& id = deployment.id();
  if (deployment.has_failure()) Complete(*deployment.mutable_failure(), id, "", options);
  if (deployment.has_rollback_failure()) {
    Complete(*deployment.mutable_rollback_failure(), id, "", options);
  }
  for (v1::Step& step : *deployment.mutable_steps()) Complete(step, id, options);
}

void CompleteCommands(v1::Event& event, absl::string_view options) {
  if (event.has_deployment()) CompleteCommands(*event.mutable_deployment(), options);
  if (event.has_step()) Complete(*event.mutable_step(), event.deployment_id(), options);
}

void CompleteCommands(v1::CheckDeploymentResponse& check, absl::string_view options) {
  for (v1::CheckFinding& finding : *check.mutable_findings()) {
    Complete(*finding.mutable_failure(), "", finding.host(), options);
  }
}

}  // namespace davit::output
