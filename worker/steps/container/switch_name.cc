#include <optional>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/runners.h"

namespace davit::steps {
namespace {

using worker::v1::Rename;

// A rename that is done already counts, so that the step and its inverse can be
// run from wherever an earlier run has stopped.
class SwitchNameRunner final : public StepRunner {
 public:
  explicit SwitchNameRunner(docker::Engine* engine) : engine_(engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context, StepReporter&) override {
    for (const Rename& rename : spec.switch_name().renames()) {
      if (absl::Status status = Carry(rename, context); !status.ok()) return status;
    }
    worker::v1::StepOutputs outputs;
    const int count = spec.switch_name().renames_size();
    outputs.set_summary(count == 0 ? "nothing to rename"
                                   : spec.switch_name().renames(count - 1).to());
    return outputs;
  }

 private:
  absl::Status Carry(const Rename& rename, const StepContext& context) const {
    return rename.container_id().empty() ? CarryByName(rename, context)
                                         : CarryById(rename, context.call);
  }

  absl::Status CarryById(const Rename& rename, const Call& call) const {
    const auto container = FindContainer(*engine_, rename.container_id(), call);
    if (!container.ok()) return container.status();
    if (!container->has_value()) return Gone(rename);
    if ((*container)->observed.name() == rename.to()) return absl::OkStatus();
    return engine_->RenameContainer(rename.container_id(), rename.to(), call);
  }

  absl::Status CarryByName(const Rename& rename, const StepContext& context) const {
    const auto from = FindContainer(*engine_, rename.from(), context.call);
    if (!from.ok()) return from.status();
    const auto to = FindContainer(*engine_, rename.to(), context.call);
    if (!to.ok()) return to.status();
    // Both names held after a restart: a later rename has given `from` away again.
    if (to->has_value() && (!from->has_value() || context.resumed)) return absl::OkStatus();
    if (!from->has_value()) return Gone(rename);
    return engine_->RenameContainer((*from)->observed.id(), rename.to(), context.call);
  }

  static absl::Status Gone(const Rename& rename) {
    return FailureStatus(
        v1::CONTAINER_GONE,
        absl::StrCat("there is no container ", rename.from(), " to rename to ", rename.to()), {});
  }

  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeSwitchNameRunner(const RunnerEnvironment& environment) {
  return std::make_unique<SwitchNameRunner>(environment.engine);
}

}  // namespace davit::steps
