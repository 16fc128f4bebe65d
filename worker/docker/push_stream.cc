#include "worker/docker/push_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "worker/docker/engine_errors.h"

namespace davit::docker {

absl::Status PushError(absl::string_view reference, absl::string_view message) {
  const std::string registry = RegistryOf(reference);
  v1::Failure failure =
      FailureOf(EngineErrorStatus({Operation::kRegistry, std::string(reference)}, 0, message));
  if (failure.code() == v1::REGISTRY_DENIED) {
    failure.set_message(absl::StrCat("The registry ", registry, " refused to take ", reference));
    return FailureStatus(failure);
  }
  if (failure.code() == v1::REGISTRY_UNREACHABLE) return FailureStatus(failure);
  // The other rules are for pulls: "not found" and "no space" mean the registry's own here.
  return FailureStatus(v1::PUSH_FAILED,
                       absl::StrCat("The registry ", registry, " did not take ", reference),
                       {absl::StrCat("Docker: ", message)});
}

void PushStream::Feed(absl::string_view data, Progress progress) {
  json_lines_.Feed(data, [&](const Json& json) { Read(json, progress); });
}

void PushStream::Read(const Json& json, Progress progress) {
  if (std::string error = StringAt(json, "error"); !error.empty()) error_ = std::move(error);
  if (std::string digest = StringAt(At(json, "aux"), "Digest"); !digest.empty()) {
    digest_ = std::move(digest);
  }
  const std::string id = StringAt(json, "id");
  const std::string status = StringAt(json, "status");
  if (id.empty() || (status != "Pushing" && status != "Pushed")) return;
  Layer& layer = layers_[id];
  const Json& detail = At(json, "progressDetail");
  layer.total_bytes = std::max(layer.total_bytes, IntAt(detail, "total"));
  // The engine counts what tar adds too, and so gets beyond the total.
  layer.done_bytes = status == "Pushed" ? layer.total_bytes
                                        : std::min(IntAt(detail, "current"), layer.total_bytes);
  const PullProgress sum = Sum();
  if (sum.total_bytes == 0) return;
  if (sum.done_bytes == last_.done_bytes && sum.total_bytes == last_.total_bytes) return;
  last_ = sum;
  progress(sum);
}

PullProgress PushStream::Sum() const {
  PullProgress sum;
  sum.phase = "push";
  for (const auto& [id, layer] : layers_) {
    sum.done_bytes += layer.done_bytes;
    sum.total_bytes += layer.total_bytes;
  }
  return sum;
}

absl::StatusOr<std::string> PushStream::Finish() {
  json_lines_.Finish([&](const Json& json) { Read(json, [](const PullProgress&) {}); });
  if (!error_.empty()) return PushError(reference_, error_);
  if (!digest_.empty()) return digest_;
  return PushError(reference_, "it ended without saying that the image is there");
}

}  // namespace davit::docker
