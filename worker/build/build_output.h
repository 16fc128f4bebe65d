#ifndef DAVIT_WORKER_BUILD_BUILD_OUTPUT_H_
#define DAVIT_WORKER_BUILD_BUILD_OUTPUT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/redaction/masking_stream.h"
#include "common/redaction/redactor.h"
#include "davit/v1/build_service.pb.h"
#include "davit/v1/failure.pb.h"
#include "worker/docker/engine.h"

namespace davit::builder {

// Tells what a build does, with its secrets masked. Used by one thread.
class BuildOutput {
 public:
  // False when nobody listens any more: nothing is told from then on.
  using Sink = absl::FunctionRef<bool(const v1::BuildOutput&)>;

  // Both outlive it.
  BuildOutput(const Redactor& redactor, Sink sink);

  // Lines of one stage belong together: what a secret may have begun in is held back
  // until the stage's end.
  // With `reference`, what is pushed.
  void BeginStage(v1::BuildOutput::Stage stage, const std::string& reference = "");
  void EndStage();

  void Lines(absl::string_view lines);
  // Ten times a second at most, and when all is done.
  void Progress(const docker::PullProgress& progress);

  // The failure with every secret masked.
  absl::Status Masked(const absl::Status& status) const;

 private:
  void MaskTail(v1::Failure& failure) const;
  void SendData(const std::string& data);
  void Send(v1::BuildOutput output);

  const Redactor& redactor_;
  const Sink sink_;
  bool open_ = true;
  v1::BuildOutput::Stage stage_ = v1::BuildOutput::STAGE_UNSPECIFIED;
  std::string reference_;
  MaskingStream lines_;
  absl::Time told_ = absl::InfinitePast();  // by the steady clock
};

}  // namespace davit::builder

#endif  // DAVIT_WORKER_BUILD_BUILD_OUTPUT_H_
