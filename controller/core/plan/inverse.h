#ifndef DAVIT_CONTROLLER_CORE_PLAN_INVERSE_H_
#define DAVIT_CONTROLLER_CORE_PLAN_INVERSE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "davit/worker/v1/container.pb.h"
#include "davit/worker/v1/steps.pb.h"

// How each kind of step is undone, or why it need not be. A rollback is made of
// nothing else.
namespace davit::core {

// What an inverse must know beyond the step's own spec.
struct InverseContext {
  std::string step_id;  // of the step that is undone
  // Container that a stop_container stops, as it was before; not owned.
  const worker::v1::ObservedContainer* stopped = nullptr;
  // To make that container anew when it is gone; null: there is no record.
  const worker::v1::ContainerSpec* record = nullptr;
};

// The step that undoes `step`; nullopt for kinds that need none.
std::optional<worker::v1::StepSpec> InverseOf(const worker::v1::StepSpec& step,
                                              const InverseContext& context);

// Whether steps of `kind` leave nothing to undo, by the same table. False, too,
// for a kind that the table lacks.
bool NeedsNoInverse(worker::v1::StepSpec::KindCase kind);
// What undoes a step of `kind`, or why nothing has to; empty: not in the table.
absl::string_view InverseReason(worker::v1::StepSpec::KindCase kind);

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_INVERSE_H_
