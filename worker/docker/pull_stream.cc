#include "worker/docker/pull_stream.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::docker {

void PullStream::Feed(absl::string_view data, Progress progress) {
  json_lines_.Feed(data, [&](const Json& json) { Read(json, progress); });
}

void PullStream::Read(const Json& json, Progress progress) {
  if (std::string error = StringAt(json, "error"); !error.empty()) error_ = std::move(error);
  const std::string status = StringAt(json, "status");
  if (absl::StartsWith(status, "Status: ")) complete_ = true;
  // The first line names the tag where the others name a layer.
  const std::string id = StringAt(json, "id");
  if (id.empty() || absl::StartsWith(status, "Pulling from")) return;
  ReadLayer(layers_[id], status, At(json, "progressDetail"));
  const PullProgress sum = Sum();
  if (sum.total_bytes == 0) return;
  if (sum.phase == last_.phase && sum.done_bytes == last_.done_bytes &&
      sum.total_bytes == last_.total_bytes && sum.broken_off == last_.broken_off) {
    return;
  }
  last_ = sum;
  progress(sum);
}

void PullStream::ReadLayer(Layer& layer, absl::string_view status, const Json& detail) {
  const int64_t total = IntAt(detail, "total");
  if (total > 0) layer.total_bytes = total;
  // The engine counts the seconds until it begins once more.
  const bool waits = absl::StartsWith(status, "Retrying in");
  if (waits && !layer.waiting) ++broken_off_;
  layer.waiting = waits;
  if (status == "Downloading") {
    layer.downloaded_bytes = IntAt(detail, "current");
  } else if (status == "Extracting") {
    layer.extracted_bytes = IntAt(detail, "current");
  } else if (status == "Pull complete" || status == "Already exists") {
    layer.extracted_bytes = layer.total_bytes;
  }
  layer.downloaded = layer.downloaded || status == "Download complete" || status == "Extracting" ||
                     status == "Pull complete" || status == "Already exists";
  if (layer.downloaded) layer.downloaded_bytes = layer.total_bytes;
}

PullProgress PullStream::Sum() const {
  const bool downloaded = std::all_of(layers_.begin(), layers_.end(),
                                      [](const auto& layer) { return layer.second.downloaded; });
  PullProgress sum;
  sum.broken_off = broken_off_;
  sum.phase = downloaded ? "extract" : "download";
  for (const auto& [id, layer] : layers_) {
    sum.done_bytes += downloaded ? layer.extracted_bytes : layer.downloaded_bytes;
    sum.total_bytes += layer.total_bytes;
  }
  return sum;
}

absl::Status PullStream::BrokenOff() const {
  const absl::Status status = EngineErrorStatus(topic_, 0, error_);
  if (!IsFailure(status, v1::REGISTRY_UNREACHABLE) && !IsFailure(status, v1::DOCKER_ERROR)) {
    return status;
  }
  v1::Failure failure = MakeFailure(v1::REGISTRY_UNREACHABLE,
                                    absl::StrCat("The registry ", RegistryOf(topic_.subject),
                                                 " broke off in the middle of ", topic_.subject),
                                    {absl::StrCat("layers broken off: ", broken_off_, " times"),
                                     absl::StrCat("Docker: ", error_)});
  failure.set_likely_cause(
      "the registry or a proxy before it ends long answers, or its storage is damaged");
  failure.set_next_command(absl::StrCat("try `docker pull ", topic_.subject, "` on the host"));
  return FailureStatus(failure);
}

absl::Status PullStream::Finish() {
  json_lines_.Finish([&](const Json& json) { Read(json, [](const PullProgress&) {}); });
  if (!error_.empty() && broken_off_ > 0) return BrokenOff();
  if (!error_.empty()) return EngineErrorStatus(topic_, 0, error_);
  if (complete_) return absl::OkStatus();
  return FailureStatus(v1::DOCKER_ERROR, absl::StrCat("The pull of ", topic_.subject, " broke off"),
                       {"Docker ended its answer without saying that the image is there"});
}

}  // namespace davit::docker
