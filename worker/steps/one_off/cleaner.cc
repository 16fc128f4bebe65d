#include "worker/steps/one_off/cleaner.h"

#include <utility>

#include "absl/time/time.h"
#include "worker/steps/database/migration/before.h"
#include "worker/steps/one_off/record.h"

namespace davit::steps {
namespace {

// An engine that does not answer is asked again after this.
constexpr absl::Duration kSweepAgain = absl::Seconds(10);
constexpr absl::Duration kSweepPatience = absl::Seconds(30);

}  // namespace

OneOffCleaner::OneOffCleaner(docker::Engine* engine, std::string state_directory)
    : engine_(engine), state_directory_(std::move(state_directory)) {}

OneOffCleaner::~OneOffCleaner() {
  stop_.Cancel();
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void OneOffCleaner::Start(IsKnown is_known) {
  thread_ = std::thread([this, is_known = std::move(is_known)] { SweepWhenWoken(is_known); });
}

void OneOffCleaner::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void OneOffCleaner::SweepWhenWoken(const IsKnown& is_known) {
  const auto has_work = [this]()
                            ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || ending_; };
  bool done = true;
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (done) {
        mutex_.Await(absl::Condition(&has_work));
      } else {
        mutex_.AwaitWithTimeout(absl::Condition(&has_work), kSweepAgain);
      }
      if (ending_) return;
      woken_ = false;
    }
    done = Sweep(is_known, Call{.cancel = &stop_}.Within(kSweepPatience)).ok();
  }
}

absl::Status OneOffCleaner::Sweep(const IsKnown& is_known, const Call& call) {
  const StartedOneOffs started(state_directory_);
  if (!started.Prepared()) return absl::OkStatus();
  const auto found = engine_->ListContainers({{kOneOffLabel, state_directory_}}, call);
  if (!found.ok()) return found.status();
  absl::Status first;
  for (const worker::v1::ObservedContainer& container : *found) {
    const bool ended = container.state() == "exited" || container.state() == "created" ||
                       container.state() == "dead";
    if (!ended || is_known(OneOffKey(container.labels()))) continue;
    first.Update(engine_->RemoveContainer(container.id(), call));
  }
  // After the containers: what has no container and was started counts as interrupted.
  for (const worker::v1::StepKey& key : started.List()) {
    if (!is_known(key)) started.Remove(key);
  }
  const CataloguesBefore catalogues(state_directory_);
  for (const worker::v1::StepKey& key : catalogues.List()) {
    if (!is_known(key)) catalogues.Remove(key);
  }
  return first;
}

}  // namespace davit::steps
