#include "client/output/deployment_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/deployment_model.h"
#include "client/output/failure_text.h"
#include "client/output/plain_text.h"
#include "client/output/summary.h"
#include "client/output/table.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

std::string When(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(time), zone);
}

template <class Timed>
std::string Duration(const Timed& timed, const google::protobuf::Timestamp& begin) {
  return timed.has_end_time() ? FormatElapsed(ToTime(timed.end_time()) - ToTime(begin)) : "";
}

std::string FailureCodeOf(const v1::Deployment& deployment) {
  return deployment.has_failure() ? CodeName(deployment.failure().code()) : "";
}

std::string ReleaseLine(const v1::Release& release) {
  return absl::StrCat(
      release.app(), " v", release.number(), ": ", release.image_reference(),
      release.replaces() == 0 ? "" : absl::StrCat(", replaces v", release.replaces()), "\n");
}

std::vector<std::string> StepRow(const v1::Step& step) {
  return {absl::StrCat("  ", StateWord(step.state())), step.host(), step.title(),
          step.has_start_time() ? Duration(step, step.start_time()) : "", step.summary()};
}

// "  local: start web v2: " and the failure under it.
std::string StepFailureText(const v1::Step& step, const Style& style) {
  std::vector<std::string> lines = FailureLines(step.failure(), style);
  for (std::string& line : lines) line = absl::StrCat("  ", line);
  return absl::StrCat("\n", StepName(step), "\n", absl::StrJoin(lines, "\n"), "\n");
}

std::string PhaseHeader(v1::Phase phase, v1::Phase& current) {
  if (phase == current) return "";
  current = phase;
  return absl::StrCat(PhaseWord(phase), "\n");
}

}  // namespace

std::string PlanText(const v1::PlanDeploymentResponse& plan) {
  const v1::Deployment& deployment = plan.deployment();
  std::string text;
  for (const v1::Release& release : deployment.releases())
    absl::StrAppend(&text, ReleaseLine(release));
  v1::Phase phase = v1::PHASE_UNSPECIFIED;
  for (const v1::Step& step : deployment.steps()) {
    absl::StrAppend(&text, PhaseHeader(step.phase(), phase), "  ", StepName(step), "\n");
  }
  for (const std::string& note : plan.notes()) {
    absl::StrAppend(&text, "note: ", Sanitize(note), "\n");
  }
  return text;
}

std::vector<std::string> IdleNotes(const v1::Deployment& planned,
                                   const v1::GetStatusResponse& status) {
  std::vector<std::string> notes;
  for (const v1::Release& release : planned.releases()) {
    const auto serves =
        std::find_if(status.apps().begin(), status.apps().end(), [&](const v1::AppStatus& app) {
          return app.app() == release.app() && !release.image_id().empty() &&
                 app.release().image_id() == release.image_id();
        });
    if (serves == status.apps().end()) continue;
    notes.push_back(absl::StrCat(release.app(), " is already at this image (v",
                                 serves->release().number(), "): only its settings can change"));
  }
  return notes;
}

std::string StatusText(const v1::GetStatusResponse& status, absl::Time now, int width) {
  std::vector<std::vector<std::string>> rows;
  std::string problems;
  for (const v1::AppStatus& app : status.apps()) {
    rows.push_back({app.app(), app.host(),
                    app.has_release() ? absl::StrCat("v", app.release().number()) : "-",
                    app.release().image_reference(), app.container(), app.container_state(),
                    app.health().empty() ? "-" : app.health(),
                    app.has_start_time() ? FormatElapsed(now - ToTime(app.start_time())) : "-"});
    if (app.problem().empty()) continue;
    absl::StrAppend(&problems, app.app(), " on ", app.host(), ": ", Sanitize(app.problem()), "\n");
  }
  std::string text = rows.empty() ? "nothing is live\n"
                                  : RenderTable({{"APP"},
                                                 {"HOST"},
                                                 {"RELEASE"},
                                                 {"IMAGE", 2},
                                                 {"CONTAINER", 3},
                                                 {"STATE"},
                                                 {"HEALTH"},
                                                 {"SINCE", 1}},
                                                rows, width);
  absl::StrAppend(&text, problems);
  if (status.has_running()) {
    const v1::Deployment& running = status.running();
    absl::StrAppend(&text, "deployment ", running.id(), ": ", ReleaseNames(running), " is ",
                    StateWord(running.state()), ", by ", Sanitize(running.submitted_by()), "\n");
  }
  return text;
}

std::string HistoryText(const v1::ListDeploymentsResponse& history, absl::TimeZone zone,
                        int width) {
  if (history.deployments().empty()) return "nothing was deployed yet\n";
  std::vector<std::vector<std::string>> rows;
  for (const v1::Deployment& deployment : history.deployments()) {
    rows.push_back({deployment.id(), When(deployment.create_time(), zone),
                    deployment.submitted_by(), ReleaseNames(deployment),
                    StateWord(deployment.state()), Duration(deployment, deployment.create_time()),
                    FailureCodeOf(deployment)});
  }
  return RenderTable({{"DEPLOYMENT"},
                      {"WHEN", 1},
                      {"WHO", 3},
                      {"RELEASES"},
                      {"STATE"},
                      {"TOOK", 4},
                      {"FAILURE", 2}},
                     rows, width);
}

std::string DeploymentText(const v1::Deployment& deployment, absl::TimeZone zone,
                           const Style& style, int width) {
  std::string text = absl::StrCat(
      "deployment ", deployment.id(), ": ", FinalLine(deployment), "\n", deployment.project(),
      ", environment ", deployment.environment(), ", on ", absl::StrJoin(deployment.hosts(), ", "),
      "\n", When(deployment.create_time(), zone), " by ", Sanitize(deployment.submitted_by()),
      deployment.cancel_requested() ? ", cancelled" : "", "\n");
  for (const v1::Release& release : deployment.releases())
    absl::StrAppend(&text, ReleaseLine(release));
  std::vector<std::vector<std::string>> rows;
  std::string failures;
  for (const v1::Step& step : deployment.steps()) {
    rows.push_back(StepRow(step));
    if (ShowsFailure(step)) absl::StrAppend(&failures, StepFailureText(step, style));
  }
  if (!rows.empty()) {
    absl::StrAppend(
        &text, "\n",
        RenderTable({{"  STATE"}, {"HOST", 1}, {"STEP"}, {"TOOK", 2}, {"RESULT", 3}}, rows, width));
  }
  absl::StrAppend(&text, failures);
  for (const v1::Failure& failure : OwnFailures(deployment)) {
    absl::StrAppend(&text, "\n", ErrorText(failure, style));
  }
  return text;
}

}  // namespace davit::output
