#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/deploy/plan_call.h"
#include "client/commands/deploy/submission.h"
#include "client/commands/invocation/confirmation.h"
#include "client/commands/project/request.h"
#include "client/commands/rollback/rollback_releases.h"
#include "client/commands/rollback/rollback_request.h"
#include "client/commands/rollback/without_hosts.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/output/plan_text.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

struct RollbackOptions {
  RollbackWish wish;
  bool yes = false;
  SubmissionOptions submission;
};

bool IsKnown(const std::vector<PastRelease>& releases, int64_t number) {
  return std::any_of(releases.begin(), releases.end(),
                     [number](const PastRelease& past) { return past.release.number() == number; });
}

// Which of its releases; nothing typed: the controller's choice.
absl::Status AskWhich(const Invocation& invocation, const std::string& app,
                      const std::vector<PastRelease>& releases, v1::DeploymentRequest& request) {
  const absl::StatusOr<std::string> answer = AskLine(
      invocation,
      absl::StrCat("Release of ", app, " to go back to [the last one that was live before]: "));
  if (!answer.ok()) return answer.status();
  if (answer->empty()) return absl::OkStatus();
  const absl::StatusOr<int64_t> number = ParseRelease(*answer);
  if (!number.ok()) return number.status();
  if (!IsKnown(releases, *number)) {
    invocation.Tell(absl::StrCat("v", *number, " is not in this list; the controller is asked"));
  }
  (*request.mutable_rollback()->mutable_releases())[app] = *number;
  return absl::OkStatus();
}

// Shows what there is to go back to, and asks where it is one app's matter.
absl::Status ChooseOnTerminal(const Invocation& invocation, Connection& connection,
                              v1::DeploymentRequest& request) {
  const auto past = ReadPastReleases(connection, request.spec());
  if (!past.ok()) return past.status();
  const std::vector<std::string> apps = DeployedApps(request);
  for (const std::string& app : apps) {
    const auto found = past->find(app);
    if (found == past->end()) continue;
    invocation.err << PastReleasesText(app, found->second, absl::LocalTimeZone(),
                                       invocation.err_width)
                   << "\n"
                   << std::flush;
  }
  if (apps.size() != 1 || !past->contains(apps[0])) return absl::OkStatus();
  return AskWhich(invocation, apps[0], past->at(apps[0]), request);
}

// Who thinks long, or waits for a lock, may decide on what is no longer so.
absl::Status CheckStillLive(Connection& connection, const v1::EnvironmentSpec& spec,
                            const v1::PlanDeploymentResponse& plan) {
  const auto live = ReadLiveNumbers(connection, spec);
  if (!live.ok()) return live.status();
  for (const v1::Release& release : plan.deployment().releases()) {
    const auto now = live->find(release.app());
    if (now == live->end() || now->second == release.replaces()) continue;
    return FailureStatus(v1::WRONG_STATE,
                         absl::StrCat(release.app(), " v", now->second, " has become live since ",
                                      "the plan was made; nothing was done"));
  }
  return absl::OkStatus();
}

// What it would do; shown where somebody may read it.
absl::StatusOr<v1::PlanDeploymentResponse> ShowPlan(const Invocation& invocation,
                                                    Connection& connection, bool yes,
                                                    const v1::DeploymentRequest& request) {
  v1::PlanDeploymentRequest ask;
  *ask.mutable_deployment() = request;
  auto plan = AskForPlan(invocation, connection, ask);
  if (!plan.ok()) return plan;
  if (!yes || !(invocation.common.quiet || invocation.common.json)) {
    invocation.err << output::PlanText(*plan, request.spec(), invocation.err_width) << "\n"
                   << std::flush;
  }
  return plan;
}

int RollBack(const Invocation& invocation, RollbackOptions options) {
  absl::StatusOr<v1::DeploymentRequest> request = RollbackRequestFor(invocation, options.wish);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = OpenWithSecrets(invocation, request->spec());
  if (!connection.ok()) return invocation.Fail(connection.status());
  const bool named = !request->rollback().releases().empty();
  if (!options.yes && !named && CanAsk(invocation)) {
    const absl::Status chosen = ChooseOnTerminal(invocation, **connection, *request);
    if (!chosen.ok()) return invocation.Fail(chosen);
  }
  const auto plan = ShowPlan(invocation, **connection, options.yes, *request);
  if (!plan.ok()) {
    return invocation.Fail(WithWayWithoutHosts(plan.status(), **connection, *request));
  }
  if (!options.yes) {
    // Who cannot confirm has seen what it would do.
    if (!CanAsk(invocation)) return FailUnconfirmed(invocation, "a rollback", *plan);
    const absl::Status confirmed =
        Confirm(invocation, absl::StrCat("Roll back ", request->spec().environment(), "?"));
    if (!confirmed.ok()) return invocation.Fail(confirmed);
  }
  options.submission.still_wanted = [&] {
    return CheckStillLive(**connection, request->spec(), *plan);
  };
  return SubmitAndFollow(invocation, **connection, *request, options.submission);
}

}  // namespace

void AddRollback(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<RollbackOptions>();
  CLI::App* verb = app.add_subcommand(
      "rollback", "Make older releases live again: image, environment, secrets, files, settings");
  verb->add_option(
      "app", options->wish.apps,
      "Apps to roll back, by default all that have an earlier release; then the number "
      "of the release, where it is one app");
  verb->add_option("--to", options->wish.to,
                   "Number of the release, or APP=NUMBER; by default the last one that was live "
                   "before the one that is now")
      ->allow_extra_args(false)
      ->take_all();
  verb->add_option("--schema", options->wish.schema,
                   "What becomes of databases that were migrated since: keep, command "
                   "(rollback_command) or restore (the backup of before)")
      ->check(CLI::IsMember(SchemaWords()));
  verb->add_flag("-y,--yes", options->yes,
                 "Do not ask; without it and without a terminal, only the plan is shown");
  AddCommonOptions(*verb, invocation);
  AddSubmissionOptions(*verb, options->submission);
  verb->callback([options, &invocation] {
    invocation.tells_outcome = true;
    invocation.run = [options, &invocation] { return RollBack(invocation, *options); };
  });
}

}  // namespace davit::commands
