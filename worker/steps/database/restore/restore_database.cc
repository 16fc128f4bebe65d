#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/restore/swap_in.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/archive_way.h"
#include "worker/steps/database/limited_call.h"
#include "worker/steps/database/restore/begin.h"
#include "worker/steps/database/restore/turn.h"
#include "worker/steps/database/same_database.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

using worker::v1::RestoreDatabase;

// Planned by a controller that knew no load_backup.
absl::Status NothingWasLoaded(const RestoreDatabase& restore) {
  v1::Failure failure = MakeFailure(
      v1::RESTORE_FAILED,
      absl::StrCat("database ", restore.database().name(), ": nothing was loaded of the backup ",
                   restore.file(), ", so that there is nothing to put in its place"),
      {"the step names no other one that has loaded it"});
  failure.set_likely_cause("the restore was planned by an older controller");
  failure.set_next_command("restore again");
  return FailureStatus(failure);
}

std::string LeftOutText(const std::vector<std::string>& settings) {
  if (settings.empty()) return "";
  return absl::StrCat("; WARNING: the new one is without ",
                      Counted(settings.size(), "setting", "settings"),
                      " of it that the role may not set: ", absl::StrJoin(settings, ", "),
                      " (\\drds in psql shows their values)");
}

// A worker that restarted looks whether the one before has done it.
class RestoreDatabaseRunner final : public StepRunner {
 public:
  RestoreDatabaseRunner(RunnerEnvironment environment,
                        std::shared_ptr<const RunningMigrations> migrations)
      : environment_(std::move(environment)), migrations_(std::move(migrations)) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const RestoreDatabase& restore = spec.restore_database();
    if (restore.loading_step_id().empty()) return NothingWasLoaded(restore);
    const auto way = FindServerWay(restore.database(), context, *environment_.engine);
    if (!way.ok()) return way.status();
    // The server that a resumed one finds may be away still, and let nobody in: later, then.
    if (!context.resumed) {
      if (absl::Status status = CheckWay(restore, *way, context); !status.ok()) return status;
    }
    const auto begun = RestoreBegin(environment_.state_directory, context.key, absl::Now());
    if (!begun.ok()) return begun.status();
    v1::StepProgress progress;
    progress.set_phase("put it in the database's place");
    reporter.Progress(std::move(progress));
    const auto swapped = Swap(restore, *way, *begun, context, reporter);
    if (!swapped.ok()) return ArchiveStatus(swapped.status(), v1::RESTORE_FAILED, way->name);
    worker::v1::StepOutputs outputs;
    outputs.mutable_restored()->set_old_name(swapped->before);
    outputs.set_summary(absl::StrCat("the database of before is called ", swapped->before,
                                     " now, and stays until it is dropped",
                                     LeftOutText(swapped->left_out)));
    return outputs;
  }

 private:
  absl::Status CheckWay(const RestoreDatabase& restore, const ServerWay& way,
                        const StepContext& context) const {
    return CheckSameDatabase(restore.database(), context, *environment_.engine, way.url,
                             v1::RESTORE_FAILED);
  }

  // In the database's turn, which is given back however it ends.
  absl::StatusOr<database::SwapResult> Swap(const RestoreDatabase& restore, const ServerWay& way,
                                            absl::Time begun, const StepContext& context,
                                            StepReporter& reporter) const {
    const auto turn = RestoreTurn::Of(restore.database(), environment_, *migrations_, context);
    if (!turn.ok()) return turn.status();
    const auto take_turn = [&] {
      absl::Status checked = context.resumed ? CheckWay(restore, way, context) : absl::OkStatus();
      return checked.ok() ? (*turn)->Take(context.call, reporter) : checked;
    };
    auto swapped =
        database::SwapIn(LimitedCall(context.call, restore), database::ConnectorTo(way.url),
                         {.database = way.database,
                          .key = restore.loading_step_id(),
                          .file = restore.file(),
                          .begun = begun,
                          .resumed = context.resumed,
                          .before_swap = take_turn});
    (*turn)->GiveBack(database::BeforeName(way.database, begun), swapped.ok());
    return swapped;
  }

  const RunnerEnvironment environment_;
  const std::shared_ptr<const RunningMigrations> migrations_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeRestoreDatabaseRunner(
    const RunnerEnvironment& environment, std::shared_ptr<const RunningMigrations> migrations) {
  return std::make_unique<RestoreDatabaseRunner>(environment, std::move(migrations));
}

}  // namespace davit::steps
