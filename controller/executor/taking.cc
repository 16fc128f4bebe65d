#include "controller/executor/taking.h"

#include "controller/core/database/work.h"

namespace davit::executor {

Taking TakingOf(const state::v1::StepRecord& step) {
  const v1::StepState state = step.view().state();
  if (step.view().attempt() == 0) return Taking::kNone;
  if (state == v1::STEP_SUCCEEDED) return Taking::kDone;
  return step.spec().has_restore_database() && state == v1::STEP_FAILED ? Taking::kNone
                                                                        : Taking::kUnsure;
}

bool MayTakeBack(const state::v1::DeploymentRecord& record) {
  return core::PutsBackupsInPlace(record.request()) ||
         record.request().rollback().schema() == v1::RollbackRequest::COMMAND;
}

}  // namespace davit::executor
