#include "absl/strings/str_cat.h"
#include "worker/database/restore/load_backup.h"
#include "worker/database/restore/restore_names.h"
#include "worker/steps/database/archive_status.h"
#include "worker/steps/database/archive_way.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

// Decides by what is on the server: a worker that restarted looks once more.
class DropLoadedRunner final : public StepRunner {
 public:
  explicit DropLoadedRunner(const RunnerEnvironment& environment) : engine_(environment.engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    const worker::v1::DropLoaded& drop = spec.drop_loaded();
    const auto way = FindServerWay(drop.database(), context, *engine_);
    if (!way.ok()) return way.status();
    const auto dropped = database::DropLoaded(context.call, database::ConnectorTo(way->url),
                                              way->database, drop.loading_step_id());
    if (!dropped.ok()) return ArchiveStatus(dropped.status(), v1::RESTORE_FAILED, way->name);
    worker::v1::StepOutputs outputs;
    const std::string fresh = database::RestoringName(way->database, drop.loading_step_id());
    outputs.set_summary(*dropped ? absl::StrCat(fresh, " was dropped")
                                 : absl::StrCat("there is no ", fresh));
    return outputs;
  }

 private:
  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeDropLoadedRunner(const RunnerEnvironment& environment) {
  return std::make_unique<DropLoadedRunner>(environment);
}

}  // namespace davit::steps
