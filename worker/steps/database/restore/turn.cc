#include "worker/steps/database/restore/turn.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "worker/steps/one_off/container.h"

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
  auto turn = std::make_unique<RestoreTurn>();
  for (const WayIn way_in : WaysToLedger(access)) {
    auto database = StepDatabase::Of(access, way_in, context, *environment.engine);
    if (!database.ok()) return database.status();
    auto way = std::make_unique<Way>(*std::move(database), ClaimOf(context.key));
    way->turn.emplace(&way->session,
                      TurnHolder(&way->database, environment.engine, &running,
                                 environment.state_directory, /*host=*/""),
                      way->claim);
    turn->ways_.push_back(std::move(way));
  }
  return turn;
}

absl::Status RestoreTurn::Take(const Call& call, StepReporter& reporter) {
  absl::Status taken;
  for (const std::unique_ptr<Way>& way : ways_) {
    taken = way->turn->Take(kRestorePatience, call, reporter);
    // The swap ends all sessions of the database.
    way->session.Close();
    if (!IsFailure(taken, v1::DATABASE_DENIED)) return taken;
  }
  return taken;
}

void RestoreTurn::GiveBack(const std::string& before, bool restored) const {
  const Call call = AnotherCall(kLastWords);
  for (const std::unique_ptr<Way>& way : ways_) {
    if (!way->turn->taken()) continue;
    if (restored) {
      GiveBackOld(*way, before, call);
    } else {
      way->turn->End(database::LedgerState::kFailed, call).IgnoreError();
    }
  }
}

void RestoreTurn::GiveBackOld(const Way& way, const std::string& before, const Call& call) {
  const auto url = way.database.Resolve(call);
  if (!url.ok()) return;
  const auto old = database::ConnectorTo(*url)(before, call);
  if (!old.ok()) return;
  way.turn->EndOver(**old, database::LedgerState::kFinished, call).IgnoreError();
}

}  // namespace davit::steps
