#include "client/output/github_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/output/database_text.h"
#include "client/output/deployment_model.h"
#include "client/output/failure_text.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

// As the runner's toolkit escapes them.
std::string EscapeData(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"%", "%25"}, {"\r", "%0D"}, {"\n", "%0A"}});
}

std::string EscapeProperty(absl::string_view text) {
  return absl::StrReplaceAll(EscapeData(text), {{":", "%3A"}, {",", "%2C"}});
}

std::string Command(absl::string_view kind, absl::string_view title, const v1::Failure& failure) {
  return absl::StrCat("::", kind, " title=", EscapeProperty(title),
                      "::", EscapeData(absl::StrJoin(FailureLines(failure, Style{}), "\n")));
}

std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(Sanitize(text), {{"|", "\\|"}, {"\n", " "}, {"<", "&lt;"}});
}

size_t LongestRunOfBackticks(absl::string_view text) {
  size_t longest = 0;
  size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string Block(const std::vector<std::string>& lines) {
  const std::string text = absl::StrJoin(lines, "\n");
  // Longer than any in the text, which would end the block.
  const std::string fence(std::max<size_t>(3, LongestRunOfBackticks(text) + 1), '`');
  return absl::StrCat("\n", fence, "text\n", text, "\n", fence, "\n");
}

// What a step has to say besides its row: why it failed, and what it did to a database.
std::vector<std::string> Below(const v1::Step& step) {
  std::vector<std::string> lines;
  if (ShowsFailure(step)) lines = FailureLines(step.failure(), Style{});
  const std::vector<std::string> database = DatabaseLines(step, Extent::kShort, Style{});
  lines.insert(lines.end(), database.begin(), database.end());
  return lines;
}

absl::string_view Sign(v1::DeploymentState state) {
  if (state == v1::SUCCEEDED) return "✅";
  return state == v1::ROLLED_BACK || state == v1::CANCELLED ? "⚠️" : "❌";
}

}  // namespace

std::string Annotation(const v1::Step& step) {
  const bool warning = step.state() == v1::STEP_WARNED;
  return Command(warning ? "warning" : "error", StepName(step), step.failure());
}

std::string Annotation(const v1::Failure& failure) {
  return Command("error", CodeName(failure.code()), failure);
}

std::string WithoutCommands(absl::string_view line) {
  return absl::StrReplaceAll(line, {{"::", ":\xE2\x80\x8B:"}, {"##[", "#\xE2\x80\x8B#["}});
}

std::string GroupTitle(v1::Phase phase, const v1::Deployment& deployment) {
  const std::string word = PhaseWord(phase);
  if (phase != v1::ROLLBACK) return word;
  if (OnlyPrepared(deployment)) return UndoingText(deployment);
  return WithoutCommands(Sanitize(absl::StrCat(word, " of ", ReleaseNames(deployment))));
}

std::string JobSummary(const v1::Deployment& deployment) {
  const std::string codes = FailureCodes(deployment);
  std::string text = absl::StrCat(
      "### ", Sign(deployment.state()), " ", Cell(FinalLine(deployment)), "\n\n", "Deployment `",
      deployment.id(), "` to **", Cell(deployment.environment()), "**", codes.empty() ? "" : ": ",
      codes, "\n\n| Step | Host | State | Took |\n|---|---|---|---|\n");
  for (const v1::Step& step : deployment.steps()) {
    absl::StrAppend(&text, "| ", Cell(step.title()), " | ", Cell(step.host()), " | ",
                    StateWord(step.state()), " | ", TimeTaken(step), " |\n");
  }
  for (const v1::Step& step : deployment.steps()) {
    const std::vector<std::string> below = Below(step);
    if (below.empty()) continue;
    absl::StrAppend(&text, "\n**", Cell(StepName(step)), "**\n", Block(below));
  }
  for (const v1::Failure& failure : OwnFailures(deployment, Extent::kShort)) {
    absl::StrAppend(&text, Block(FailureLines(failure, Style{})));
  }
  return text;
}

}  // namespace davit::output
