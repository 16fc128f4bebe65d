#ifndef DAVIT_WORKER_SERVICE_MASKED_REPORTER_H_
#define DAVIT_WORKER_SERVICE_MASKED_REPORTER_H_

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/redaction/redactor.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/service/masked_output.h"
#include "worker/steps/step_runner.h"

namespace davit::service {

// Stands between a step and those who hear of it, and masks the step's secrets in all
// that it says. Without secrets it hands everything on as it is. Thread-safe.
class MaskedReporter final : public steps::StepReporter {
 public:
  // `next` is not owned. The spec tells which secrets the step uses: where a value of
  // one is missing, output of programs is dropped, as it could not be masked.
  MaskedReporter(steps::StepReporter* next, const worker::v1::StepSpec& spec,
                 std::map<std::string, std::string> secrets);

  void Progress(v1::StepProgress progress) override;
  void Log(v1::StepLog log) override;
  void ShowsOutputWith(const std::vector<std::string>& secrets) override;
  // Last of all: lets out what was held back, and masks how the step ended.
  void Finish(worker::v1::StepFinished& finished) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  steps::StepReporter* const next_;
  const std::map<std::string, std::string> secrets_;
  const Redactor redactor_;
  std::atomic<bool> withholds_;
  absl::Mutex mutex_;
  std::map<std::string, MaskedOutput> outputs_ ABSL_GUARDED_BY(mutex_);  // by container
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_MASKED_REPORTER_H_
