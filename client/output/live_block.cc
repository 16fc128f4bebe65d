#include "client/output/live_block.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "client/output/database_text.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

constexpr std::array<absl::string_view, 10> kSpinner = {"⠋", "⠙", "⠹", "⠸", "⠼",
                                                        "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr int kBarWidth = 22;
// A line that fills the last column makes some terminals wrap.
constexpr int kMargin = 1;
constexpr int kTimeWidth = 7;

// "host  title", as wide as it may be beside a time.
std::string Label(const v1::Step& step, int width) {
  return Fit(absl::StrCat(Sanitize(step.host()), "  ", Sanitize(step.title())), width);
}

std::string RunningLine(const v1::Step& step, const Activity* activity, absl::Time now, int frame,
                        int width, const Style& style) {
  const absl::string_view spinner =
      style.unicode ? kSpinner[frame % kSpinner.size()] : absl::string_view("*");
  const std::string elapsed =
      step.has_start_time() ? FormatElapsed(now - ToTime(step.start_time())) : "";
  const int label_width = std::max(10, width - kTimeWidth - 4);
  const std::string label = Label(step, label_width);
  std::string line = absl::StrCat(spinner, " ", label, "  ", style.Dim(elapsed));
  if (activity == nullptr || activity->progress.phase().empty()) return line;
  int left = width - 4 - DisplayWidth(label) - DisplayWidth(elapsed);
  const v1::StepProgress& progress = activity->progress;
  if (progress.unit() == "bytes" && progress.total() > 0 && left > kBarWidth + 12) {
    absl::StrAppend(&line, "  ", ProgressBar(progress.done(), progress.total(), kBarWidth));
    left -= kBarWidth + 2;
  }
  if (left > 4) absl::StrAppend(&line, "  ", style.Dim(Fit(ProgressText(*activity), left - 2)));
  return line;
}

void AppendLog(std::vector<std::string>& lines, const Activity& activity, int width,
               const Style& style) {
  for (const std::string& line : activity.last_lines) {
    lines.push_back(style.Dim(Fit(absl::StrCat(style.unicode ? "  │ " : "  | ", line), width)));
  }
}

std::string Sign(const v1::Step& step, const Style& style) {
  switch (step.state()) {
    case v1::STEP_SUCCEEDED:
      return style.Good();
    case v1::STEP_FAILED:
      return style.Bad();
    default:
      return style.Warning();
  }
}

std::string EndText(const v1::Step& step) {
  switch (step.state()) {
    case v1::STEP_SUCCEEDED:
      return ResultText(step);
    case v1::STEP_CANCELLED:
    case v1::STEP_UNKNOWN_OUTCOME:
      return StateWord(step.state());
    default:
      return "";
  }
}

}  // namespace

std::string ProgressBar(int64_t done, int64_t total, int width) {
  if (total <= 0 || width < 4) return "";
  const int cells = width - 2;
  const int64_t full = std::clamp<int64_t>(done, 0, total) * cells / total;
  std::string bar(full, '=');
  if (full < cells) bar += '>';
  bar.resize(cells, ' ');
  return absl::StrCat("[", bar, "]");
}

std::vector<std::string> LiveBlock(const DeploymentModel& model, absl::Time now, int frame,
                                   TerminalSize size, const Style& style) {
  const int width = size.width - kMargin;
  const auto running = model.Running();
  // What scrolled up must stay in sight, and the block must never be taller than
  // the screen: what has left it cannot be redrawn.
  const size_t most = std::max(1, size.height - 2);
  std::vector<std::string> lines;
  size_t shown = 0;
  for (const v1::Step* step : running) {
    if (lines.size() + 1 >= most && running.size() > shown + 1) break;
    const Activity* activity = model.FindActivity(step->id());
    lines.push_back(RunningLine(*step, activity, now, frame, width, style));
    ++shown;
    const size_t room_for_steps = running.size() - shown;
    if (activity != nullptr &&
        lines.size() + activity->last_lines.size() + room_for_steps <= most) {
      AppendLog(lines, *activity, width, style);
    }
  }
  if (shown < running.size()) {
    lines.push_back(style.Dim(absl::StrCat("  … and ", running.size() - shown, " more")));
  }
  return lines;
}

std::string EndedStepLine(const v1::Step& step, int width, const Style& style) {
  width -= kMargin;
  const std::string took = TimeTaken(step);
  const std::string label = Label(step, std::max(10, width - kTimeWidth - 4));
  std::string line = absl::StrCat(Sign(step, style), " ", label, "  ", style.Dim(took));
  const std::string text = EndText(step);
  const int left = width - 6 - DisplayWidth(label) - DisplayWidth(took);
  if (!text.empty() && left > 4) absl::StrAppend(&line, "  ", style.Dim(FitWords(text, left)));
  return line;
}

}  // namespace davit::output
