#include "absl/strings/str_cat.h"
#include "client/output/failure_text.h"
#include "client/output/plain_text.h"
#include "client/output/reporter.h"
#include "client/output/summary.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

void PrintEnd(std::ostream& out, const DeploymentModel& model) {
  if (!model.ended()) return;
  for (const v1::Failure& failure : OwnFailures(model.deployment())) {
    out << ErrorText(failure, Style{});
  }
  out << FinalLine(model.deployment()) << "\n" << std::flush;
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
  void Finish(const DeploymentModel& model) override { PrintEnd(out_, model); }

 private:
  std::ostream& out_;
  PlainText text_;
};

class QuietReporter final : public Reporter {
 public:
  explicit QuietReporter(std::ostream& out) : out_(out) {}

  void OnEvent(const v1::Event& event, const DeploymentModel&) override {
    if (!event.has_step() || !ShowsFailure(event.step())) return;
    out_ << StepName(event.step()) << ": ";
    for (const std::string& line : FailureLines(event.step().failure(), Style{})) {
      out_ << line << "\n";
    }
    out_ << std::flush;
  }
  void Tick(const DeploymentModel&) override {}
  void OnNotice(absl::string_view) override {}
  void Finish(const DeploymentModel& model) override { PrintEnd(out_, model); }

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<Reporter> MakePlainReporter(std::ostream& out) {
  return std::make_unique<PlainReporter>(out);
}

std::unique_ptr<Reporter> MakeQuietReporter(std::ostream& out) {
  return std::make_unique<QuietReporter>(out);
}

}  // namespace davit::output
