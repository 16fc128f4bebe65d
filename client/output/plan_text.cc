#include "client/output/plan_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/change_text.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/time_limits.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

// More are counted, not named one by one.
constexpr std::ptrdiff_t kNamedHosts = 4;

// Steps that may run at the same time, as far as their order on a host lets them.
struct Wave {
  v1::Phase phase = v1::PHASE_UNSPECIFIED;
  int number = 0;  // 0: the plan has none
  std::vector<const v1::Step*> steps;
  std::vector<std::string> hosts;  // in their order
};

std::vector<Wave> WavesOf(const v1::Deployment& deployment) {
  // On one host all waves are the same.
  const bool numbered = deployment.hosts_size() > 1;
  std::vector<Wave> waves;
  for (const v1::Step& step : deployment.steps()) {
    const int number = numbered ? step.wave() : 0;
    if (waves.empty() || waves.back().phase != step.phase() || waves.back().number != number) {
      waves.push_back({.phase = step.phase(), .number = number});
    }
    Wave& wave = waves.back();
    wave.steps.push_back(&step);
    const bool is_new =
        std::find(wave.hosts.begin(), wave.hosts.end(), step.host()) == wave.hosts.end();
    if (is_new) wave.hosts.push_back(step.host());
  }
  return waves;
}

std::string HostNames(const std::vector<std::string>& hosts) {
  if (std::ssize(hosts) <= kNamedHosts) return absl::StrJoin(hosts, ", ");
  const std::vector<std::string> first(hosts.begin(), hosts.begin() + kNamedHosts - 1);
  return absl::StrCat(absl::StrJoin(first, ", "), " and ", hosts.size() - first.size(), " more");
}

// "release", or "wave 2 of 5, release: app1, app2".
std::string WaveTitle(const Wave& wave, int waves) {
  const std::string phase = PhaseWord(wave.phase);
  if (wave.number == 0) return phase;
  return absl::StrCat("wave ", wave.number, " of ", waves, ", ", phase, ": ",
                      HostNames(wave.hosts));
}

// "start web v3 (at most 2m)".
std::string LimitedTitle(const v1::Step& step) {
  return absl::StrCat(step.title(), StepLimit(step));
}

// A line for each title, with the number of hosts that have it.
std::vector<std::string> Grouped(const Wave& wave) {
  std::vector<std::pair<std::string, std::vector<std::string>>> titles;
  for (const v1::Step* step : wave.steps) {
    const std::string wanted = LimitedTitle(*step);
    auto title = std::find_if(titles.begin(), titles.end(),
                              [&](const auto& entry) { return entry.first == wanted; });
    if (title == titles.end()) title = titles.insert(titles.end(), {wanted, {}});
    title->second.push_back(step->host());
  }
  std::vector<std::string> lines;
  for (const auto& [title, hosts] : titles) {
    const bool few = std::ssize(hosts) < kNamedHosts;
    lines.push_back(absl::StrCat("[", few ? HostNames(hosts) : absl::StrCat(hosts.size(), " hosts"),
                                 "] ", title));
  }
  return lines;
}

std::vector<std::string> StepLines(const Wave& wave) {
  if (std::ssize(wave.hosts) > kNamedHosts) return Grouped(wave);
  std::vector<std::string> lines;
  for (const v1::Step* step : wave.steps) {
    lines.push_back(absl::StrCat(StepName(*step), StepLimit(*step)));
  }
  return lines;
}

std::string StepsText(const v1::Deployment& deployment, int width) {
  std::string text;
  const std::vector<Wave> waves = WavesOf(deployment);
  for (const Wave& wave : waves) {
    absl::StrAppend(&text, HangText("", WaveTitle(wave, waves.back().number), width));
    for (const std::string& line : StepLines(wave)) {
      absl::StrAppend(&text, HangText("  ", line, width));
    }
  }
  return text;
}

// `lines` under a title; empty when there are none.
std::string Section(absl::string_view title, const std::vector<std::string>& lines, int width) {
  if (lines.empty()) return "";
  std::string text = absl::StrCat(title, "\n");
  for (const std::string& line : lines) absl::StrAppend(&text, HangText("  ", line, width));
  return text;
}

std::vector<std::string> HealthLimits(const v1::Deployment& deployment,
                                      const v1::EnvironmentSpec& spec) {
  std::vector<std::string> lines;
  for (const v1::Release& release : deployment.releases()) {
    const auto app = spec.apps().find(release.app());
    const std::string limit = app == spec.apps().end() ? "" : HealthLimit(app->second);
    if (!limit.empty()) lines.push_back(absl::StrCat(release.app(), ": ", limit));
  }
  return lines;
}

}  // namespace

std::string PlanText(const v1::PlanDeploymentResponse& plan, const v1::EnvironmentSpec& spec,
                     int width) {
  const v1::Deployment& deployment = plan.deployment();
  std::string text;
  for (const v1::Release& release : deployment.releases()) {
    absl::StrAppend(&text, HangText("", ReleaseLine(release), width));
  }
  for (const v1::AppChange& change : plan.changes()) {
    absl::StrAppend(&text, ChangeText(change, width));
  }
  absl::StrAppend(
      &text, StepsText(deployment, width),
      Section("time to get healthy", HealthLimits(deployment, spec), width),
      Section("if a step fails", {plan.rollback().begin(), plan.rollback().end()}, width));
  for (const std::string& note : plan.notes()) {
    absl::StrAppend(&text, HangText("note: ", note, width));
  }
  return text;
}

}  // namespace davit::output
