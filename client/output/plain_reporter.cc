#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/failure_text.h"
#include "client/output/plain_text.h"
#include "client/output/reporter.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

void PrintEnd(std::ostream& out, const DeploymentModel& model, const Style& style) {
  if (!model.ended()) return;
  for (const v1::Failure& failure : OwnFailures(model.deployment(), Extent::kShort)) {
    out << ErrorText(failure, style);
  }
  out << HangText("", FinalLine(model.deployment()), style.width) << std::flush;
}

class PlainReporter final : public Reporter {
 public:
  explicit PlainReporter(std::ostream& out) : out_(out) {}

  void OnEvent(const v1::Event& event, const DeploymentModel& model) override {
    for (const std::string& line : text_.Lines(event, model)) out_ << line << "\n";
    out_ << std::flush;
  }
  void Tick(const DeploymentModel&) override {}
  void OnNotice(absl::string_view text) override { out_ << Sanitize(text) << "\n" << std::flush; }
  void Finish(const DeploymentModel& model) override { PrintEnd(out_, model, Style{}); }

 private:
  std::ostream& out_;
  PlainText text_;
};

class QuietReporter final : public Reporter {
 public:
  QuietReporter(std::ostream& out, int width) : out_(out), style_{.width = width} {}

  void OnEvent(const v1::Event& event, const DeploymentModel&) override {
    if (!event.has_step() || !ShowsFailure(event.step())) return;
    v1::Failure failure = event.step().failure();
    failure.set_message(absl::StrCat(StepName(event.step()), ": ", failure.message()));
    out_ << absl::StrJoin(FailureLines(failure, style_), "\n") << "\n" << std::flush;
  }
  void Tick(const DeploymentModel&) override {}
  void OnNotice(absl::string_view) override {}
  void Finish(const DeploymentModel& model) override { PrintEnd(out_, model, style_); }

 private:
  std::ostream& out_;
  const Style style_;
};

}  // namespace

std::unique_ptr<Reporter> MakePlainReporter(std::ostream& out) {
  return std::make_unique<PlainReporter>(out);
}

std::unique_ptr<Reporter> MakeQuietReporter(std::ostream& out, int width) {
  return std::make_unique<QuietReporter>(out, width);
}

}  // namespace davit::output
