#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "client/commands/command_line/verbs.h"
#include "client/commands/connection/connection.h"
#include "client/commands/deploy/waiting_line.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/project/request.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/output/findings_text.h"
#include "client/output/json.h"
#include "client/output/next_command.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

constexpr absl::Duration kTellInterval = absl::Seconds(15);

struct DoctorOptions {
  ReleaseOptions release;
  // Images are pulled, and the declared checks run in them.
  absl::Duration wait_timeout = absl::Hours(1);
};

using Checked = absl::StatusOr<v1::CheckDeploymentResponse>;

// All of it on the hosts' side, in one call; a line now and then says that it goes on.
Checked Check(const Invocation& invocation, Connection& connection,
              const v1::DeploymentRequest& deployment, absl::Duration timeout) {
  const absl::Time begin = absl::Now();
  const std::string what = absl::StrCat("checking ", deployment.spec().environment(), " on ",
                                        absl::StrJoin(deployment.spec().hosts(), ", "), " …");
  const auto tell = [&] {
    if (invocation.common.quiet) return;
    const absl::Duration passed = absl::Floor(absl::Now() - begin, absl::Seconds(1));
    invocation.Tell(passed < kTellInterval
                        ? what
                        : absl::StrCat("still ", what, " ", absl::FormatDuration(passed)));
  };
  tell();
  const WaitingLine line(kTellInterval, tell, kTellInterval);
  v1::CheckDeploymentRequest request;
  *request.mutable_deployment() = deployment;
  return connection.Call(&Connection::Stub::CheckDeployment, request, timeout);
}

int GiveUp(const Invocation& invocation, absl::Duration timeout) {
  v1::Failure failure = MakeFailure(v1::STEP_TIMEOUT, absl::StrCat("the checks take longer than ",
                                                                   absl::FormatDuration(timeout)));
  failure.set_next_command("give them more time with `--wait-timeout`");
  invocation.Fail(FailureStatus(failure));
  return kWatchingEnded;
}

int Doctor(const Invocation& invocation, const DoctorOptions& options) {
  const absl::StatusOr<v1::DeploymentRequest> request = ReadRequest(invocation, options.release);
  if (!request.ok()) return invocation.Fail(request.status());
  const auto connection = OpenWithSecrets(invocation, request->spec());
  if (!connection.ok()) return invocation.Fail(connection.status());
  const absl::Time deadline = absl::Now() + options.wait_timeout;
  Checked check = Check(invocation, **connection, *request, options.wait_timeout);
  if (!check.ok() && absl::Now() >= deadline) return GiveUp(invocation, options.wait_timeout);
  if (!check.ok()) return invocation.Fail(check.status());
  if (invocation.common.json) {
    invocation.out << output::ToJsonListText(*check) << std::flush;
  } else {
    output::CompleteCommands(*check, (*connection)->suffix());
    invocation.out << output::FindingsText(*check, request->spec().environment(),
                                           invocation.OutStyle())
                   << std::flush;
  }
  return output::CountObstacles(*check) == 0 ? kLive : kFailed;
}

}  // namespace

void AddDoctor(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* verb = app.add_subcommand(
      "doctor", "Find everything that would stop a deployment, all of it at once; stops nothing");
  AddReleaseOptions(*verb, options->release);
  AddCommonOptions(*verb, invocation);
  AddDurationOption(*verb, "--wait-timeout", options->wait_timeout,
                    "Give up after this long; by default after an hour");
  verb->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return Doctor(invocation, *options); };
  });
}

}  // namespace davit::commands
