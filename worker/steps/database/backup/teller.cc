#include "worker/steps/database/backup/teller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace davit::steps {

BackupTeller::BackupTeller(StepReporter& reporter, const database::ToolRunner& tools)
    : reporter_(reporter), tool_(absl::StrCat("pg_dump ", tools.version())) {}

void BackupTeller::operator()(database::BackupPhase phase, int64_t bytes) {
  const bool dumping = phase == database::BackupPhase::kDumping;
  // What a lock is waited for for stays to be read.
  if (std::pair(phase, bytes) == told_) return;
  told_ = {phase, bytes};
  if (dumping) written_ = bytes;
  v1::StepProgress progress;
  progress.set_phase(dumping ? tool_ : "verify");
  progress.set_done(bytes);
  if (!dumping) progress.set_total(std::max(written_, bytes));
  progress.set_unit("bytes");
  reporter_.Progress(std::move(progress));
}

}  // namespace davit::steps
