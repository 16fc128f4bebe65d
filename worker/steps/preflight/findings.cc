#include "worker/steps/preflight/findings.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::steps {

void Findings::Add(const absl::Status& status) {
  if (!status.ok()) Add(FailureOf(status));
}

void Findings::Add(Findings others) {
  for (v1::Failure& failure : others.failures_) Add(std::move(failure));
}

absl::Status Findings::ToStatus() const {
  if (failures_.empty()) return absl::OkStatus();
  v1::Failure failure = failures_.front();
  if (failures_.size() == 1) return FailureStatus(failure);
  *failure.mutable_parts() = {failures_.begin(), failures_.end()};
  // For who does not know of parts.
  failure.clear_evidence();
  failure.clear_likely_cause();
  failure.set_next_command("do what each of them says under `next`");
  for (const v1::Failure& finding : failures_) {
    failure.add_evidence(
        absl::StrCat(v1::FailureCode_Name(finding.code()), ": ", finding.message()));
    for (const std::string& fact : finding.evidence()) {
      failure.add_evidence(absl::StrCat("  ", fact));
    }
    if (!finding.likely_cause().empty()) {
      failure.add_evidence(absl::StrCat("  likely: ", finding.likely_cause()));
    }
    if (!finding.next_command().empty()) {
      failure.add_evidence(absl::StrCat("  next: ", finding.next_command()));
    }
  }
  return FailureStatus(failure);
}

}  // namespace davit::steps
