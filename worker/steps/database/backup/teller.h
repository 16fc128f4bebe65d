#ifndef DAVIT_WORKER_STEPS_DATABASE_BACKUP_TELLER_H_
#define DAVIT_WORKER_STEPS_DATABASE_BACKUP_TELLER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "worker/database/backup/backup.h"
#include "worker/database/backup/tools.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// Tells how far a backup is, in bytes: as they are written, then as they are read again. To be
// given as a BackupProgress by reference; `reporter` outlives it.
class BackupTeller {
 public:
  BackupTeller(StepReporter& reporter, const database::ToolRunner& tools);

  void operator()(database::BackupPhase phase, int64_t bytes);

 private:
  StepReporter& reporter_;
  const std::string tool_;
  int64_t written_ = 0;
  std::pair<database::BackupPhase, int64_t> told_ = {database::BackupPhase::kDumping, -1};
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_BACKUP_TELLER_H_
