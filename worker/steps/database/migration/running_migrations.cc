#include "worker/steps/database/migration/running_migrations.h"

namespace davit::steps {
namespace {

std::pair<std::string, std::string> StepOf(const database::LedgerClaim& claim) {
  return {claim.deployment, claim.step};
}

}  // namespace

void RunningMigrations::Add(const database::LedgerClaim& claim) {
  absl::MutexLock lock(&mutex_);
  steps_.insert(StepOf(claim));
}

void RunningMigrations::Remove(const database::LedgerClaim& claim) {
  absl::MutexLock lock(&mutex_);
  steps_.erase(StepOf(claim));
}

bool RunningMigrations::Has(const database::LedgerClaim& claim) const {
  absl::MutexLock lock(&mutex_);
  return steps_.contains(StepOf(claim));
}

}  // namespace davit::steps
