#include "worker/steps/failed_outputs.h"

#include <string>

#include "absl/strings/cord.h"

namespace davit::steps {
namespace {

constexpr char kOutputsPayload[] = "type.googleapis.com/davit.worker.v1.StepOutputs";

}  // namespace

absl::Status WithOutputs(absl::Status status, const worker::v1::StepOutputs& outputs) {
  status.SetPayload(kOutputsPayload, absl::Cord(outputs.SerializeAsString()));
  return status;
}

std::optional<worker::v1::StepOutputs> OutputsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kOutputsPayload);
  worker::v1::StepOutputs outputs;
  if (!payload.has_value() || !outputs.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return outputs;
}

}  // namespace davit::steps
