#include "client/output/step_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

// Facts that are told where it scrolls by: a schema can differ in hundreds of things. What
// they are told for, a backup, comes last.
constexpr int kFirstFacts = 10;
constexpr int kLastFacts = 2;

v1::Failure Shortened(v1::Failure failure) {
  const int left_out = failure.evidence_size() - kFirstFacts - kLastFacts;
  if (left_out <= 1) return failure;
  failure.set_evidence(kFirstFacts, absl::StrCat("and ", left_out, " more"));
  auto* facts = failure.mutable_evidence();
  facts->DeleteSubrange(kFirstFacts + 1, left_out - 1);
  return failure;
}

}  // namespace

std::string StepName(const v1::Step& step) {
  return absl::StrCat("[", Sanitize(step.host()), "] ", Sanitize(step.title()));
}

std::string ProgressText(const Activity& activity) {
  const v1::StepProgress& progress = activity.progress;
  const std::string phase = Sanitize(progress.phase());
  if (progress.unit() != "bytes") {
    // A phase that counts does so itself: "probe 3 of 20: refused".
    if (progress.total() == 0 || absl::StrContains(phase, " of ")) return phase;
    return absl::StrCat(phase, " ", progress.done(), " of ", progress.total(), " ",
                        progress.unit());
  }
  std::string text = absl::StrCat(phase, " ", FormatBytes(progress.done()));
  if (progress.total() > 0) {
    absl::StrAppendFormat(&text, " of %s (%d%%)", FormatBytes(progress.total()),
                          progress.done() * 100 / progress.total());
  }
  const double rate = activity.Rate();
  if (rate > 0) absl::StrAppend(&text, ", ", FormatBytes(static_cast<int64_t>(rate)), "/s");
  return text;
}

bool ShowsFailure(const v1::Step& step) {
  return step.has_failure() &&
         (step.state() == v1::STEP_FAILED || step.state() == v1::STEP_WARNED ||
          step.state() == v1::STEP_UNKNOWN_OUTCOME);
}

std::vector<v1::Failure> OwnFailures(const v1::Deployment& deployment, Extent extent) {
  const auto shown = [&](const v1::Failure& failure) {
    for (const v1::Step& step : deployment.steps()) {
      if (ShowsFailure(step) && step.failure().code() == failure.code() &&
          step.failure().message() == failure.message()) {
        return true;
      }
    }
    return false;
  };
  std::vector<v1::Failure> own;
  if (deployment.has_failure() && !shown(deployment.failure())) {
    own.push_back(deployment.failure());
  }
  if (deployment.has_rollback_failure() && !shown(deployment.rollback_failure())) {
    own.push_back(deployment.rollback_failure());
  }
  if (extent == Extent::kShort) std::transform(own.begin(), own.end(), own.begin(), Shortened);
  return own;
}

}  // namespace davit::output
