#ifndef DAVIT_WORKER_SERVICE_MASKED_OUTPUT_H_
#define DAVIT_WORKER_SERVICE_MASKED_OUTPUT_H_

#include <cstddef>
#include <vector>

#include "common/redaction/masking_stream.h"
#include "common/redaction/redactor.h"
#include "davit/v1/deployment.pb.h"

namespace davit::service {

// Masks the output of one container, which comes in pieces. Whoever has a position
// has all output up to it, masked: pieces are kept together, of both streams, as long
// as a secret may go on in the next one. Not thread-safe.
class MaskedOutput {
 public:
  // What is kept together at most, about; more is let out without its last bytes,
  // which come with the position of a later piece then.
  static constexpr size_t kMostWaiting = 64 << 10;

  // Not owned.
  explicit MaskedOutput(const Redactor* redactor) : out_(redactor), err_(redactor) {}

  // Takes a piece; what can be let out with it, in order.
  std::vector<v1::StepLog> Put(v1::StepLog log);
  // What is left at the end.
  std::vector<v1::StepLog> Flush();

 private:
  void Add(v1::StepLog log);
  std::vector<v1::StepLog> TakeWaiting();

  MaskingStream out_;
  MaskingStream err_;
  std::vector<v1::StepLog> waiting_;  // masked
  size_t waiting_bytes_ = 0;
  v1::LogPosition last_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_MASKED_OUTPUT_H_
