#include "controller/executor/check_run.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/core/plan/foresight.h"
#include "controller/executor/memory_run.h"

namespace davit::executor {
namespace {

// How soon somebody who has gone away is noticed.
constexpr absl::Duration kGlance = absl::Milliseconds(100);
// What is left of the deadline for removing what was written: so much, or this part of the
// time that there is.
constexpr absl::Duration kTimeToRemove = absl::Seconds(5);
constexpr int kPartToRemove = 4;
// Longest time that the removal itself is waited for, whoever waits.
constexpr absl::Duration kPatienceWithRemoval = absl::Minutes(2);

bool HasNotEnded(const core::DeploymentState& state) {
  return !core::IsTerminal(state.record.view().state());
}

// Each of a failure's parts is a finding of its own.
void AddFinding(const std::string& host, const std::string& app, bool warning,
                const v1::Failure& failure, v1::CheckDeploymentResponse& response) {
  for (const v1::Failure& part : failure.parts()) {
    AddFinding(host, app, warning, part, response);
  }
  if (failure.parts_size() > 0) return;
  v1::CheckFinding& finding = *response.add_findings();
  finding.set_host(host);
  finding.set_app(app);
  finding.set_warning(warning);
  *finding.mutable_failure() = failure;
}

// A preflight finds once more that an image is not there, where looking for it or pulling
// it has failed.
bool IsSaidAlready(const v1::CheckFinding& finding, const core::DeploymentState& state) {
  if (finding.failure().code() != v1::IMAGE_NOT_FOUND || !finding.app().empty()) return false;
  return std::any_of(state.steps.begin(), state.steps.end(), [&](const auto& step) {
    const bool found = step.spec().has_resolve_image() && step.view().state() == v1::STEP_FAILED;
    const bool pulled = step.spec().has_pull_image() && step.view().state() == v1::STEP_FAILED &&
                        step.view().host() == finding.host();
    return found || pulled;
  });
}

// What a step found. That it could not undo something stops no deployment.
void AddStep(const state::v1::StepRecord& step, v1::CheckDeploymentResponse& response) {
  const v1::Step& view = step.view();
  if (view.phase() != v1::ROLLBACK) *response.add_steps() = view;
  const bool bad = view.state() == v1::STEP_FAILED || view.state() == v1::STEP_UNKNOWN_OUTCOME ||
                   view.state() == v1::STEP_WARNED;
  if (!bad) return;
  const bool warning = view.state() == v1::STEP_WARNED || view.phase() == v1::ROLLBACK;
  AddFinding(view.host(), view.app(), warning, view.failure(), response);
}

// Whether anything was written, or may have been, that is not removed yet.
bool HasToRemove(const core::DeploymentState& state) {
  return std::any_of(state.steps.begin(), state.steps.end(), [](const auto& step) {
    return step.has_inverse() && step.view().attempt() > 0;
  });
}

// A check that was broken off must not look like one that found nothing.
v1::Failure BrokenOff(const core::DeploymentState& state, absl::Duration worked) {
  std::vector<std::string> left;
  for (const state::v1::StepRecord& step : state.steps) {
    const v1::Step& view = step.view();
    const bool ended = view.state() == v1::STEP_SUCCEEDED || view.state() == v1::STEP_WARNED ||
                       view.state() == v1::STEP_FAILED;
    if (view.phase() == v1::ROLLBACK || ended) continue;
    left.push_back(absl::StrCat(view.host(), ": ", view.title(), " has not ended"));
  }
  v1::Failure failure =
      MakeFailure(v1::STEP_TIMEOUT,
                  absl::StrCat("the check was broken off after ",
                               absl::FormatDuration(absl::Trunc(worked, absl::Milliseconds(100))),
                               ", before its end"),
                  std::move(left));
  failure.set_likely_cause("it takes longer than whoever asked for it waits");
  failure.set_next_command("check again with a longer `--wait-timeout`");
  return failure;
}

v1::CheckDeploymentResponse ResponseOf(const core::DeploymentState& state, absl::Duration worked) {
  v1::CheckDeploymentResponse response;
  for (const state::v1::StepRecord& step : state.steps) AddStep(step, response);
  auto& findings = *response.mutable_findings();
  const auto said = [&](const v1::CheckFinding& finding) { return IsSaidAlready(finding, state); };
  findings.erase(std::remove_if(findings.begin(), findings.end(), said), findings.end());
  for (const core::PlacementProblem& problem : core::PlanProblems(state)) {
    AddFinding(problem.host, problem.app, false, FailureOf(problem.status), response);
  }
  for (const core::PlacementProblem& warning : core::PlanWarnings(state)) {
    AddFinding(warning.host, warning.app, true, FailureOf(warning.status), response);
  }
  const v1::Deployment& view = state.record.view();
  if (view.cancel_requested()) {
    AddFinding("", "", false, BrokenOff(state, worked), response);
  } else if (view.has_failure()) {
    AddFinding("", "", false, view.failure(), response);
  }
  return response;
}

}  // namespace

v1::CheckDeploymentResponse RunCheck(const fleet::Fleet& fleet, SecretSource& secrets,
                                     const Clock& clock, core::DeploymentState state,
                                     absl::Time deadline, absl::FunctionRef<bool()> client_gone) {
  MemoryRun run(fleet, secrets, clock, std::move(state), HasNotEnded);
  const absl::Time begin = absl::Now();
  absl::Time end = deadline - std::min(kTimeToRemove, (deadline - begin) / kPartToRemove);
  absl::Time broken_off_at = begin;
  bool broken_off = false;
  run.Feed(core::Submitted{});
  while (HasNotEnded(run.state())) {
    const auto input = run.AwaitInput(std::min(end, absl::Now() + kGlance));
    if (input.has_value()) run.Feed(*input);
    const bool over = absl::Now() >= end;
    if (broken_off && (over || !HasToRemove(run.state()))) break;
    if (broken_off || !(over || client_gone())) continue;
    broken_off = true;
    broken_off_at = absl::Now();
    end = absl::Now() + kPatienceWithRemoval;
    run.Feed(core::CancelRequested{"whoever asked for the check"});
  }
  return ResponseOf(run.state(), broken_off_at - begin);
}

}  // namespace davit::executor
