#ifndef DAVIT_WORKER_STEPS_PREFLIGHT_FINDINGS_H_
#define DAVIT_WORKER_STEPS_PREFLIGHT_FINDINGS_H_

#include <vector>

#include "absl/status/status.h"
#include "davit/v1/failure.pb.h"

namespace davit::steps {

// What would fail, in the order in which it was found.
class Findings {
 public:
  void Add(v1::Failure failure) { failures_.push_back(std::move(failure)); }
  // OK adds nothing.
  void Add(const absl::Status& status);
  void Add(Findings others);

  // The finding; several as parts of one failure, which has the first one's code and
  // message, and each of them in its evidence, too.
  absl::Status ToStatus() const;

 private:
  std::vector<v1::Failure> failures_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_PREFLIGHT_FINDINGS_H_
