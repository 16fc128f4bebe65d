#include "worker/steps/health/diagnosis.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "worker/steps/text/clean_text.h"
#include "worker/steps/text/elapsed_text.h"

namespace davit::steps {
namespace {

constexpr int kKilled = 137;

// "web v3" by the labels, for people; else the container's name.
std::string Title(const worker::v1::ObservedContainer& container) {
  const auto app = container.labels().find("davit.app");
  const auto release = container.labels().find("davit.release");
  if (app == container.labels().end() || release == container.labels().end()) {
    return container.name();
  }
  return absl::StrCat(app->second, " v", release->second);
}

bool IsLoopback(absl::string_view address) {
  return absl::StartsWith(address, "127.") || address == "::1" ||
         absl::StartsWith(address, "::ffff:127.");
}

void AddHistory(const CheckHistory& history, v1::Failure& failure) {
  if (history.probes > 0) failure.add_evidence(absl::StrCat("probes: ", history.probes));
  if (history.elapsed > absl::ZeroDuration()) {
    failure.add_evidence(absl::StrCat("elapsed: ", ElapsedText(history.elapsed)));
  }
}

void AddLastProbe(const CheckHistory& history, v1::Failure& failure) {
  if (!history.last.has_value() || history.last->healthy) return;
  failure.add_evidence(absl::StrCat("last probe: ", history.asked, ": ", history.last->summary));
}

v1::FailureCode CodeOf(const docker::ContainerDetails& container, bool restarting) {
  if (container.oom_killed) return v1::CONTAINER_OUT_OF_MEMORY;
  return restarting ? v1::CONTAINER_RESTART_LOOP : v1::CONTAINER_EXITED;
}

void ExplainExit(const docker::ContainerDetails& container, v1::Failure& failure) {
  if (failure.code() == v1::CONTAINER_OUT_OF_MEMORY) return;
  const int exit_code = container.observed.exit_code();
  if (exit_code == 126 || exit_code == 127) {
    failure.set_likely_cause(
        "the command, or one that it calls, does not exist in the image or cannot be executed");
    failure.set_next_command("correct `command` or `entrypoint`, or look into the image");
  } else if (exit_code == 0) {
    failure.set_likely_cause(
        "the program has done its work and ended, or has gone into the background");
    failure.set_next_command("let `command` run the service in the foreground");
  } else if (exit_code == kKilled) {
    failure.set_likely_cause("something killed it with SIGKILL");
  }
}

}  // namespace

v1::Failure DiagnoseUnhealthy(const docker::ContainerDetails& container,
                              const CheckHistory& history) {
  const ProbeResult last = history.last.value_or(ProbeResult{});
  const v1::FailureCode code =
      last.code == v1::FAILURE_CODE_UNSPECIFIED ? v1::HEALTH_TIMEOUT : last.code;
  const std::string why = last.healthy           ? "it was not healthy for long enough"
                          : last.summary.empty() ? "it was never asked"
                                                 : last.summary;
  v1::Failure failure =
      MakeFailure(code, absl::StrCat(Title(container.observed), " did not become healthy: ", why),
                  last.evidence);
  failure.add_evidence(absl::StrCat("check: ", history.asked));
  AddHistory(history, failure);
  if (container.observed.state() != "running") {
    failure.add_evidence(absl::StrCat("state of the container: ", container.observed.state()));
  }
  if (!last.likely_cause.empty()) failure.set_likely_cause(last.likely_cause);
  if (!last.next_command.empty()) failure.set_next_command(last.next_command);
  return failure;
}

v1::Failure DiagnoseStopped(const docker::ContainerDetails& container, bool restarting,
                            const CheckHistory& history) {
  const worker::v1::ObservedContainer& observed = container.observed;
  const v1::FailureCode code = CodeOf(container, restarting);
  std::string message = absl::StrCat(Title(observed), " exited with ", observed.exit_code());
  if (code == v1::CONTAINER_OUT_OF_MEMORY) {
    message = absl::StrCat(Title(observed), " was killed for using too much memory");
  } else if (restarting) {
    message = absl::StrCat(Title(observed), " exits again and again, with ", observed.exit_code());
  } else if (!observed.has_start_time()) {
    message = absl::StrCat(Title(observed), " was never started");
  }
  v1::Failure failure =
      MakeFailure(code, message, {absl::StrCat("exit code: ", observed.exit_code())});
  failure.add_evidence(absl::StrCat("state: ", observed.state()));
  if (container.oom_killed) failure.add_evidence("OOMKilled: true");
  if (container.restart_count > 0) {
    failure.add_evidence(absl::StrCat("restarts: ", container.restart_count));
  }
  if (!container.error.empty()) failure.add_evidence("Docker says: " + CleanText(container.error));
  AddLastProbe(history, failure);
  AddHistory(history, failure);
  ExplainExit(container, failure);
  return failure;
}

void AddListeners(const std::vector<ListeningSocket>& sockets, int probed_port,
                  v1::Failure& failure) {
  std::set<std::string> names;
  bool on_loopback = false;
  bool everywhere = false;
  for (const ListeningSocket& socket : sockets) {
    // Docker's own name server has a socket in every container of a network.
    if (socket.address == "127.0.0.11") continue;
    names.insert(socket.ToString());
    if (socket.port == probed_port) (IsLoopback(socket.address) ? on_loopback : everywhere) = true;
  }
  failure.add_evidence(absl::StrCat("the container listens on: ",
                                    names.empty() ? "nothing" : absl::StrJoin(names, ", ")));
  if (names.empty()) {
    failure.set_likely_cause("the application has not opened a port yet, or serves none");
    failure.set_next_command("read the log lines above; raise `attempts` if it needs longer");
  } else if (everywhere) {
    failure.set_likely_cause(absl::StrCat(
        "the application listens on port ", probed_port,
        ", and the way there is cut: its container is in no network, or a firewall rejects it"));
    failure.set_next_command(
        "look at its networks with `docker inspect`; deploying again makes the container anew");
  } else if (on_loopback) {
    failure.set_likely_cause(absl::StrCat("the application listens on port ", probed_port,
                                          " of 127.0.0.1 only, which is its container's own"));
    failure.set_next_command("make it listen on 0.0.0.0");
  } else {
    failure.set_likely_cause(
        absl::StrCat("the application listens on another port than ", probed_port));
    failure.set_next_command("correct the port under `healthcheck`, or the application's");
  }
}

}  // namespace davit::steps
