#include "client/output/host_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/deployment_model.h"
#include "client/output/failure_text.h"
#include "client/output/since.h"
#include "client/output/table.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

constexpr int kEvidenceWidth = 120;

std::string HostStateWord(v1::Host::State state) {
  if (state == v1::Host::STATE_UNSPECIFIED) return "unknown";
  return absl::AsciiStrToLower(v1::Host::State_Name(state));
}

// "away for 3m12s"; without the time when nobody knows since when.
std::string StateText(const v1::Host& host, absl::Time now) {
  const std::string word = HostStateWord(host.state());
  return host.has_state_time()
             ? absl::StrCat(word, " for ", FormatElapsed(now - ToTime(host.state_time())))
             : word;
}

std::string StateCell(const v1::Host& host, absl::Time now) {
  const std::string word = HostStateWord(host.state());
  return host.has_state_time()
             ? absl::StrCat(word, " (", FormatElapsed(now - ToTime(host.state_time())), ")")
             : word;
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string DiskText(const v1::HostFacts& facts) {
  if (facts.disk_total_bytes() == 0) return "";
  return absl::StrCat(FormatBytes(facts.disk_free_bytes()), " of ",
                      FormatBytes(facts.disk_total_bytes()), " free");
}

// "3 running", or "2 of 3 running"; of a host that is away, as it was last known.
std::string AppsCell(const v1::Host& host) {
  if (!host.has_facts()) return "-";
  if (host.apps().empty()) return "0";
  const auto running =
      std::count_if(host.apps().begin(), host.apps().end(),
                    [](const v1::HostApp& app) { return app.state() == "running"; });
  const bool all = running == host.apps_size();
  return absl::StrCat(running, all ? "" : absl::StrCat(" of ", host.apps_size()), " running",
                      host.state() == v1::Host::ONLINE ? "" : ", last known");
}

std::vector<std::string> HostRow(const v1::Host& host, absl::Time now) {
  const v1::HostFacts& facts = host.facts();
  return {host.name(),
          host.address(),
          StateCell(host, now),
          OrDash(facts.worker_version()),
          OrDash(facts.docker_version()),
          OrDash(facts.platform()),
          OrDash(DiskText(facts)),
          AppsCell(host)};
}

// "worker 0.3.0, Docker 27.1.1, linux/amd64": what is known of it.
std::vector<std::string> Facts(const v1::HostFacts& facts) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view before, const std::string& fact) {
    if (!fact.empty()) parts.push_back(absl::StrCat(before, Sanitize(fact)));
  };
  add("worker ", facts.worker_version());
  add("Docker ", facts.docker_version());
  add("", facts.platform());
  return parts;
}

std::vector<std::string> MachineFacts(const v1::HostFacts& facts) {
  std::vector<std::string> parts;
  if (!facts.operating_system().empty()) parts.push_back(Sanitize(facts.operating_system()));
  if (facts.cpus() > 0) parts.push_back(Count(facts.cpus(), "processor"));
  if (facts.memory_bytes() > 0) {
    parts.push_back(absl::StrCat(FormatBytes(facts.memory_bytes()), " of memory"));
  }
  return parts;
}

std::string Line(absl::string_view title, const std::string& text, int width) {
  return text.empty() ? "" : HangText(Pad(title, 9), text, width);
}

// When what is known of a host that is not online was so, and that it may be so no
// more: "as of 02:13:07, before it went away". Empty for one that is online.
std::string AsOf(const v1::Host& host, absl::string_view format, absl::TimeZone zone) {
  if (host.state() == v1::Host::ONLINE) return "";
  const std::string time =
      host.facts().has_time()
          ? absl::StrCat("as of ", absl::FormatTime(format, ToTime(host.facts().time()), zone))
          : "at an unknown time";
  if (host.state() == v1::Host::AWAY) return absl::StrCat(time, ", before it went away");
  if (host.state() == v1::Host::REFUSED) {
    return absl::StrCat(time, ", before it refused this controller");
  }
  return time;
}

std::string FactLines(const v1::Host& host, absl::TimeZone zone, int width) {
  if (!host.has_facts()) return "";
  const v1::HostFacts& facts = host.facts();
  return absl::StrCat(Line("software", absl::StrJoin(Facts(facts), ", "), width),
                      Line("machine", absl::StrJoin(MachineFacts(facts), ", "), width),
                      Line("disk", DiskText(facts), width),
                      Line("known", AsOf(host, "%Y-%m-%d %H:%M:%S", zone), width));
}

std::string AppTable(const v1::Host& host, absl::Time now, int width) {
  if (host.apps().empty()) return host.has_facts() ? "no containers of Davit's\n" : "";
  // Nobody knows how long it went on.
  if (host.state() != v1::Host::ONLINE && host.facts().has_time()) {
    now = ToTime(host.facts().time());
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::HostApp& app : host.apps()) {
    rows.push_back({app.app(), app.project(), app.environment(),
                    app.release() == 0 ? "-" : absl::StrCat("v", app.release()), app.container(),
                    app.state(), OrDash(app.health()), SinceCell(app, app.state(), now)});
  }
  return RenderTable({{"APP"},
                      {"PROJECT"},
                      {"ENVIRONMENT"},
                      {"RELEASE"},
                      {"CONTAINER", 2},
                      {"STATE"},
                      {.title = "HEALTH", .optional = true},
                      {"SINCE", 1}},
                     rows, width);
}

std::string OnOneLine(absl::string_view text) { return absl::StrJoin(SafeLines(text), " "); }

// The message, and the last thing that was seen: those before it are coarser.
std::string ProblemText(const v1::Host& host) {
  if (!host.has_problem()) return "";
  const v1::Failure& problem = host.problem();
  std::string text =
      absl::StrCat(": ", OnOneLine(problem.message()), " (", CodeName(problem.code()), ")");
  if (problem.evidence().empty()) return text;
  std::string newest = OnOneLine(problem.evidence(problem.evidence_size() - 1));
  // gRPC's own words have the reason behind several others.
  if (absl::StrContains(newest, "last error:")) newest.erase(0, newest.rfind(": ") + 2);
  return absl::StrCat(text, "; ", Fit(newest, kEvidenceWidth));
}

std::string AddedText(const v1::Host& host, absl::TimeZone zone) {
  if (!host.has_add_time()) return "";
  return absl::StrCat(
      absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(host.add_time()), zone),
      host.added_by().empty() ? "" : absl::StrCat(" by ", Sanitize(host.added_by())));
}

}  // namespace

std::string HostProblemLine(const v1::Host& host, absl::Time now) {
  if (host.state() == v1::Host::ONLINE && !host.has_problem()) return "";
  return absl::StrCat(Sanitize(host.name()), " is ", StateText(host, now), ProblemText(host));
}

std::string HostListText(const v1::ListHostsResponse& hosts, absl::Time now, int width) {
  if (hosts.hosts().empty()) return "no hosts yet; add one with: davit hosts add NAME ADDRESS\n";
  std::vector<std::vector<std::string>> rows;
  std::string problems;
  for (const v1::Host& host : hosts.hosts()) {
    rows.push_back(HostRow(host, now));
    if (host.has_problem()) {
      absl::StrAppend(&problems, HangText("", HostProblemLine(host, now), width));
    }
  }
  return absl::StrCat(RenderTable({{"NAME"},
                                   {"ADDRESS", 1},
                                   {"STATE"},
                                   {"WORKER", 5},
                                   {"DOCKER", 3},
                                   {"PLATFORM", 4},
                                   {"DISK", 2},
                                   {"APPS"}},
                                  rows, width),
                      problems);
}

std::string HostText(const v1::Host& host, absl::Time now, absl::TimeZone zone,
                     const Style& style) {
  const int width = style.width;
  std::string text =
      absl::StrCat(Line("host", host.name(), width), Line("address", host.address(), width),
                   Line("state", StateText(host, now), width),
                   Line("added", AddedText(host, zone), width), FactLines(host, zone, width));
  if (host.has_problem()) absl::StrAppend(&text, ErrorText(host.problem(), style));
  const std::string apps = AppTable(host, now, width);
  if (apps.empty()) return text;
  const std::string as_of = AsOf(host, "%H:%M:%S", zone);
  return absl::StrCat(text, "\n",
                      as_of.empty() ? "" : HangText("", absl::StrCat(as_of, ":"), width), apps);
}

std::string HostLine(const v1::Host& host) {
  std::string text = absl::StrCat(Sanitize(host.name()), " (", Sanitize(host.address()), ") is ",
                                  HostStateWord(host.state()));
  if (host.has_problem()) return absl::StrCat(text, ProblemText(host));
  const std::vector<std::string> facts = Facts(host.facts());
  return facts.empty() ? text : absl::StrCat(text, ": ", absl::StrJoin(facts, ", "));
}

}  // namespace davit::output
