#include <utility>

#include "client/output/github_text.h"
#include "client/output/plain_text.h"
#include "client/output/reporter.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

class GithubReporter final : public Reporter {
 public:
  GithubReporter(std::ostream& out, std::function<void(const std::string&)> summary)
      : out_(out), summary_(std::move(summary)) {}

  void OnEvent(const v1::Event& event, const DeploymentModel& model) override {
    if (event.has_step()) EnterPhase(event.step().phase(), model);
    if (event.deployment().state() == v1::ROLLING_BACK) EnterPhase(v1::ROLLBACK, model);
    for (const std::string& line : text_.Lines(event, model)) {
      out_ << WithoutCommands(line) << "\n";
    }
    // An annotation within a folded group is still shown on top of the run.
    if (event.has_step() && ShowsFailure(event.step())) out_ << Annotation(event.step()) << "\n";
    out_ << std::flush;
  }
  void Tick(const DeploymentModel&) override {}
  void OnNotice(absl::string_view text) override {
    out_ << WithoutCommands(Sanitize(text)) << "\n" << std::flush;
  }

  void Finish(const DeploymentModel& model) override {
    EnterPhase(v1::PHASE_UNSPECIFIED, model);
    if (!model.ended()) return;
    for (const v1::Failure& failure : OwnFailures(model.deployment(), Extent::kShort)) {
      out_ << Annotation(failure) << "\n";
    }
    out_ << FinalLine(model.deployment()) << "\n" << std::flush;
    summary_(JobSummary(model.deployment()));
  }

 private:
  // Groups cannot be nested; steps of one phase follow each other.
  void EnterPhase(v1::Phase phase, const DeploymentModel& model) {
    if (phase == phase_) return;
    if (phase_ != v1::PHASE_UNSPECIFIED) out_ << "::endgroup::\n";
    if (phase != v1::PHASE_UNSPECIFIED) {
      out_ << "::group::" << GroupTitle(phase, model.deployment()) << "\n";
    }
    phase_ = phase;
  }

  std::ostream& out_;
  const std::function<void(const std::string&)> summary_;
  PlainText text_;
  v1::Phase phase_ = v1::PHASE_UNSPECIFIED;
};

}  // namespace

std::unique_ptr<Reporter> MakeGithubReporter(std::ostream& out,
                                             std::function<void(const std::string&)> summary) {
  return std::make_unique<GithubReporter>(out, std::move(summary));
}

}  // namespace davit::output
