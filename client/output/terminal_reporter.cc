#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/output/database_text.h"
#include "client/output/failure_text.h"
#include "client/output/live_block.h"
#include "client/output/reporter.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

constexpr absl::string_view kHideCursor = "\x1b[?25l";
constexpr absl::string_view kShowCursor = "\x1b[?25h";
constexpr absl::string_view kClearBelow = "\r\x1b[J";

class TerminalReporter final : public Reporter {
 public:
  TerminalReporter(std::ostream& out, const Clock& clock, std::function<TerminalSize()> size,
                   bool color)
      : out_(out), clock_(clock), size_(std::move(size)), style_{.color = color, .unicode = true} {}
  ~TerminalReporter() override { Draw({}, {}); }

  void OnEvent(const v1::Event& event, const DeploymentModel& model) override {
    Draw(Scrolled(event, model), Block(model));
  }

  void Tick(const DeploymentModel& model) override {
    ++frame_;
    Draw({}, Block(model));
  }

  void OnNotice(absl::string_view text) override { Draw(Signed(style_.Warning(), text), block_); }

  void Finish(const DeploymentModel& model) override {
    Draw({}, {});
    if (!model.ended()) return;
    for (const v1::Failure& failure : OwnFailures(model.deployment(), Extent::kShort)) {
      out_ << ErrorText(failure, StyleNow());
    }
    const bool good = model.deployment().state() == v1::SUCCEEDED;
    std::vector<std::string> lines = Wrap(FinalLine(model.deployment()), StyleNow().width - kSign);
    for (std::string& line : lines) line = style_.Bold(line);
    for (const std::string& line : Beside(good ? style_.Good() : style_.Bad(), lines)) {
      out_ << line << "\n";
    }
    out_ << std::flush;
  }

 private:
  static constexpr int kSign = 2;  // columns of a sign and the space after it

  // With the width that the terminal has now; the last column stays free.
  Style StyleNow() const {
    Style style = style_;
    style.width = std::max(size_().width - 1, kSign + 1);
    return style;
  }

  static std::vector<std::string> Beside(absl::string_view sign, std::vector<std::string> lines) {
    for (size_t i = 0; i < lines.size(); ++i) {
      lines[i] = absl::StrCat(i == 0 ? sign : " ", " ", lines[i]);
    }
    return lines;
  }

  std::vector<std::string> Signed(absl::string_view sign, absl::string_view text) const {
    return Beside(sign, Hang("", text, StyleNow().width - kSign));
  }

  std::vector<std::string> Block(const DeploymentModel& model) const {
    return LiveBlock(model, clock_.Now(), frame_, size_(), style_);
  }

  // What an event leaves on the screen for good.
  std::vector<std::string> Scrolled(const v1::Event& event, const DeploymentModel& model) {
    switch (event.payload_case()) {
      case v1::Event::kDeployment:
        return DeploymentLines(event.deployment(), model);
      case v1::Event::kStep:
        return StepLines(event.step());
      case v1::Event::kNote:
        return Signed(style_.Warning(), event.note().text());
      default:
        return {};
    }
  }

  std::vector<std::string> DeploymentLines(const v1::Deployment& deployment,
                                           const DeploymentModel& model) {
    if (deployment.state() == std::exchange(state_, deployment.state())) return {};
    if (state_ == v1::PENDING) return Heading(deployment);
    if (state_ == v1::ROLLING_BACK) {
      return {absl::StrCat(style_.Warning(), " ", UndoingText(model.deployment()))};
    }
    return {};
  }

  std::vector<std::string> Heading(const v1::Deployment& deployment) const {
    const std::string names = ReleaseNames(deployment);
    const std::string where = absl::StrCat(" to ", deployment.environment(), " on ",
                                           Count(deployment.hosts_size(), "host"));
    const std::string id = absl::StrCat("  ", deployment.id());
    const int width = StyleNow().width;
    if (DisplayWidth(names) + DisplayWidth(where) + DisplayWidth(id) <= width) {
      return {absl::StrCat(style_.Bold(names), where, style_.Dim(id))};
    }
    std::vector<std::string> lines = Wrap(absl::StrCat(names, where), width);
    for (std::string& line : lines) line = style_.Bold(line);
    lines.push_back(style_.Dim(id));
    return lines;
  }

  std::vector<std::string> StepLines(const v1::Step& step) const {
    if (step.state() == v1::STEP_STARTED || step.state() == v1::STEP_PENDING ||
        step.state() == v1::STEP_SKIPPED) {
      return {};
    }
    std::vector<std::string> lines = {EndedStepLine(step, size_().width, style_)};
    const Style style = StyleNow().Indented(2);
    std::vector<std::string> below = DatabaseLines(step, Extent::kShort, style);
    if (ShowsFailure(step)) {
      const std::vector<std::string> failure = FailureLines(step.failure(), style);
      below.insert(below.begin(), failure.begin(), failure.end());
    }
    for (const std::string& line : below) lines.push_back(absl::StrCat("  ", line));
    return lines;
  }

  // Takes the old block away, lets `scrolled` stay in its place, and puts the
  // new block under it. In one write, so that nothing flickers.
  void Draw(const std::vector<std::string>& scrolled, std::vector<std::string> block) {
    if (scrolled.empty() && block == block_) return;
    std::string text;
    if (!block_.empty()) absl::StrAppend(&text, "\x1b[", block_.size(), "A");
    if (!block_.empty()) absl::StrAppend(&text, kClearBelow);
    for (const std::string& line : scrolled) absl::StrAppend(&text, line, "\n");
    for (const std::string& line : block) absl::StrAppend(&text, line, "\n");
    if (!block.empty()) text = absl::StrCat(kHideCursor, text);
    if (block.empty() && hidden_) absl::StrAppend(&text, kShowCursor);
    hidden_ = !block.empty();
    block_ = std::move(block);
    out_ << text << std::flush;
  }

  std::ostream& out_;
  const Clock& clock_;
  const std::function<TerminalSize()> size_;
  const Style style_;
  int frame_ = 0;
  bool hidden_ = false;
  v1::DeploymentState state_ = v1::DEPLOYMENT_STATE_UNSPECIFIED;
  std::vector<std::string> block_;
};

}  // namespace

std::unique_ptr<Reporter> MakeTerminalReporter(std::ostream& out, const Clock& clock,
                                               std::function<TerminalSize()> size, bool color) {
  return std::make_unique<TerminalReporter>(out, clock, std::move(size), color);
}

}  // namespace davit::output
