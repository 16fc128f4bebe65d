#include "worker/steps/database/restore_turn.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "worker/steps/one_off_container.h"

namespace davit::steps {
namespace {

constexpr absl::Duration kRestorePatience = absl::Seconds(20);

// The step has no name of its host.
std::string NameOfThisHost() {
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "unknown";
  return name.data();
}

// Each try is a row of its own: what an earlier one has left is dead, and may be ended already.
database::LedgerClaim ClaimOf(const worker::v1::StepKey& key) {
  return {.deployment = key.deployment_id(),
          .step = absl::StrCat(key.step_id(), ", attempt ", key.attempt(), ", of ",
                               absl::ToUnixNanos(absl::Now())),
          .host = NameOfThisHost(),
          .container = ""};
}

}  // namespace

absl::StatusOr<std::unique_ptr<RestoreTurn>> RestoreTurn::Of(
    const worker::v1::DatabaseAccess& access, const RunnerEnvironment& environment,
    const RunningMigrations& running, const StepContext& context) {
  auto database = StepDatabase::Of(access, WayIn::kAdmin, context, *environment.engine);
  if (!database.ok()) return database.status();
  return std::unique_ptr<RestoreTurn>(
      new RestoreTurn(*std::move(database), environment, running, context));
}

RestoreTurn::RestoreTurn(StepDatabase database, const RunnerEnvironment& environment,
                         const RunningMigrations& running, const StepContext& context)
    : database_(std::move(database)),
      turn_(&database_,
            TurnHolder(&database_, environment.engine, &running, environment.state_directory,
                       /*host=*/""),
            ClaimOf(context.key)) {}

absl::Status RestoreTurn::Take(const Call& call, StepReporter& reporter) {
  return turn_.Take(kRestorePatience, call, reporter);
}

void RestoreTurn::GiveBack(const std::string& before, bool restored) const {
  if (!turn_.taken()) return;
  const Call call = AnotherCall(kLastWords);
  const auto state = restored ? database::LedgerState::kFinished : database::LedgerState::kFailed;
  if (!restored) {
    turn_.End(state, call).IgnoreError();
    return;
  }
  const auto url = database_.Resolve(call);
  if (!url.ok()) return;
  const auto old = database::ConnectorTo(*url)(before, call);
  if (old.ok()) turn_.EndOver(**old, state, call).IgnoreError();
}

}  // namespace davit::steps
