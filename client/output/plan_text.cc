#include "client/output/plan_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/plain_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"
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

// A line for each title, with the number of hosts that have it.
std::vector<std::string> Grouped(const Wave& wave) {
  std::vector<std::pair<std::string, std::vector<std::string>>> titles;
  for (const v1::Step* step : wave.steps) {
    auto title = std::find_if(titles.begin(), titles.end(),
                              [&](const auto& entry) { return entry.first == step->title(); });
    if (title == titles.end()) title = titles.insert(titles.end(), {step->title(), {}});
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
  for (const v1::Step* step : wave.steps) lines.push_back(StepName(*step));
  return lines;
}

}  // namespace

std::string PlanText(const v1::PlanDeploymentResponse& plan, int width) {
  const v1::Deployment& deployment = plan.deployment();
  std::string text;
  for (const v1::Release& release : deployment.releases()) {
    absl::StrAppend(&text, HangText("", ReleaseLine(release), width));
  }
  const std::vector<Wave> waves = WavesOf(deployment);
  for (const Wave& wave : waves) {
    absl::StrAppend(&text, HangText("", WaveTitle(wave, waves.back().number), width));
    for (const std::string& line : StepLines(wave)) {
      absl::StrAppend(&text, HangText("  ", line, width));
    }
  }
  for (const std::string& note : plan.notes()) {
    absl::StrAppend(&text, HangText("note: ", note, width));
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

std::string WaitingLineText(const std::vector<std::string>& names,
                            const v1::ListHostsResponse& hosts) {
  std::vector<std::string> missing = names;
  const auto is_online = [&](const std::string& name) {
    return std::any_of(hosts.hosts().begin(), hosts.hosts().end(), [&](const v1::Host& host) {
      return host.name() == name && host.state() == v1::Host::ONLINE;
    });
  };
  missing.erase(std::remove_if(missing.begin(), missing.end(), is_online), missing.end());
  const std::vector<std::string>& waited = missing.empty() ? names : missing;
  if (waited.size() == 1) return absl::StrCat("waiting for host ", Sanitize(waited[0]), " …");
  if (std::ssize(waited) > kNamedHosts) {
    return absl::StrCat("waiting for ", waited.size(), " hosts …");
  }
  return absl::StrCat("waiting for hosts ", Sanitize(absl::StrJoin(waited, ", ")), " …");
}

}  // namespace davit::output
