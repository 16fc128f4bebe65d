#include "client/output/deployment_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/database_text.h"
#include "client/output/deployment_model.h"
#include "client/output/failure_text.h"
#include "client/output/since.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/table.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

// A terminal that is narrower has no room for years and seconds in a table.
constexpr int kWide = 100;

std::string When(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(time), zone);
}

std::string ShortWhen(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return absl::FormatTime("%m-%d %H:%M", ToTime(time), zone);
}

std::string Took(const v1::Deployment& deployment) {
  return deployment.has_end_time()
             ? FormatElapsed(ToTime(deployment.end_time()) - ToTime(deployment.create_time()))
             : "";
}

// Its releases, and that they are older ones again.
std::string WhatText(const v1::Deployment& deployment) {
  return absl::StrCat(deployment.operation() == v1::OPERATION_ROLLBACK ? "rollback: " : "",
                      ReleaseNames(deployment));
}

bool HasSeveralEnvironments(const v1::ListDeploymentsResponse& history) {
  const auto& deployments = history.deployments();
  return std::any_of(deployments.begin(), deployments.end(), [&](const v1::Deployment& deployment) {
    return deployment.environment() != deployments[0].environment();
  });
}

std::vector<std::string> StepRow(const v1::Step& step) {
  return {absl::StrCat("  ", StateWord(step.state())), step.host(), step.title(), TimeTaken(step),
          ResultText(step)};
}

// "  local: start web v2: " and the failure under it.
std::string StepFailureText(const v1::Step& step, const Style& style) {
  std::vector<std::string> lines = FailureLines(step.failure(), style.Indented(2));
  for (std::string& line : lines) line = absl::StrCat("  ", line);
  return absl::StrCat("\n", HangText("", StepName(step), style.width), absl::StrJoin(lines, "\n"),
                      "\n");
}

// All backups, and all that is different in schemas.
std::string DatabasesText(const v1::Deployment& deployment, const Style& style) {
  std::string text;
  for (const v1::Step& step : deployment.steps()) {
    for (const std::string& line : DatabaseLines(step, Extent::kAll, style)) {
      absl::StrAppend(&text, text.empty() ? "\n" : "", line, "\n");
    }
  }
  return text;
}

}  // namespace

std::string StatusText(const v1::GetStatusResponse& status, absl::Time now, int width) {
  std::vector<std::vector<std::string>> rows;
  std::string problems;
  for (const v1::AppStatus& app : status.apps()) {
    rows.push_back(
        {app.app(), app.host(), app.has_release() ? absl::StrCat("v", app.release().number()) : "-",
         app.release().image_reference(), app.container(), app.container_state(),
         app.health().empty() ? "-" : app.health(), SinceCell(app, app.container_state(), now)});
    if (app.problem().empty()) continue;
    absl::StrAppend(
        &problems,
        HangText("", absl::StrCat(app.app(), " on ", app.host(), ": ", app.problem()), width));
  }
  std::string text = rows.empty() ? "nothing is live\n"
                                  : RenderTable({{"APP"},
                                                 {"HOST"},
                                                 {"RELEASE"},
                                                 {"IMAGE", 2},
                                                 {"CONTAINER", 3},
                                                 {"STATE"},
                                                 {.title = "HEALTH", .optional = true},
                                                 {"SINCE", 1}},
                                                rows, width);
  absl::StrAppend(&text, problems);
  if (status.has_running()) {
    const v1::Deployment& running = status.running();
    const std::string line =
        absl::StrCat("deployment ", running.id(), ": ", ReleaseNames(running), " is ",
                     StateWord(running.state()), ", by ", running.submitted_by());
    absl::StrAppend(&text, HangText("", line, width));
  }
  return text;
}

std::string HistoryText(const v1::ListDeploymentsResponse& history, absl::TimeZone zone,
                        int width) {
  if (history.deployments().empty()) return "nothing was deployed yet\n";
  const auto when = width == 0 || width >= kWide ? When : ShortWhen;
  std::vector<Column> columns = {{"DEPLOYMENT"},
                                 {"WHEN", 2},
                                 {"WHO", 3},
                                 {"RELEASES"},
                                 {"STATE"},
                                 {"TOOK", 4},
                                 {.title = "FAILURE", .spare = 1, .optional = true}};
  std::vector<std::vector<std::string>> rows;
  for (const v1::Deployment& deployment : history.deployments()) {
    rows.push_back({deployment.id(), when(deployment.create_time(), zone),
                    deployment.submitted_by(), WhatText(deployment), StateWord(deployment.state()),
                    Took(deployment), FailureCodes(deployment)});
  }
  if (HasSeveralEnvironments(history)) {
    columns.insert(columns.begin() + 1, {"ENVIRONMENT"});
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].insert(rows[i].begin() + 1, history.deployments(static_cast<int>(i)).environment());
    }
  }
  return RenderTable(columns, rows, width);
}

std::string DeploymentText(const v1::Deployment& deployment, absl::TimeZone zone,
                           const Style& style) {
  std::string text;
  const auto append = [&](const std::string& line) {
    absl::StrAppend(&text, HangText("", line, style.width));
  };
  append(absl::StrCat("deployment ", deployment.id(), ": ", FinalLine(deployment)));
  append(absl::StrCat(deployment.project(), ", environment ", deployment.environment(), ", on ",
                      absl::StrJoin(deployment.hosts(), ", ")));
  append(absl::StrCat(When(deployment.create_time(), zone), " by ", deployment.submitted_by(),
                      deployment.cancel_requested() ? ", cancelled" : ""));
  for (const v1::Release& release : deployment.releases()) {
    append(ReleaseLine(release));
    for (const std::string& digest : release.image_digests()) append(absl::StrCat("  ", digest));
  }
  std::vector<std::vector<std::string>> rows;
  std::string failures;
  for (const v1::Step& step : deployment.steps()) {
    rows.push_back(StepRow(step));
    if (ShowsFailure(step)) absl::StrAppend(&failures, StepFailureText(step, style));
  }
  if (!rows.empty()) {
    absl::StrAppend(&text, "\n",
                    RenderTable({{"  STATE"}, {"HOST", 1}, {"STEP"}, {"TOOK", 2}, {"RESULT", 3}},
                                rows, style.width));
  }
  absl::StrAppend(&text, DatabasesText(deployment, style), failures);
  for (const v1::Failure& failure : OwnFailures(deployment, Extent::kAll)) {
    absl::StrAppend(&text, "\n", ErrorText(failure, style));
  }
  return text;
}

}  // namespace davit::output
