#include "worker/docker/build_stream.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "worker/docker/engine_errors.h"

namespace davit::docker {
namespace {

constexpr size_t kTailLines = 50;
constexpr size_t kTailLineBytes = 1024;
constexpr size_t kMostLineBytes = 64 << 10;
constexpr absl::string_view kStepPrefix = "Step ";

// The image of "1/3 : FROM --platform=linux/amd64 golang:1.20 AS build"; empty: no FROM.
std::string BaseImage(absl::string_view step) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(step, absl::MaxSplits(" : FROM ", 1));
  for (const absl::string_view word : absl::StrSplit(parts.second, ' ', absl::SkipEmpty())) {
    if (!absl::StartsWith(word, "--")) return std::string(word);
  }
  return "";
}

// What only the way to a base image's registry can bring.
bool IsOfBaseImage(v1::FailureCode code) {
  constexpr v1::FailureCode kCodes[] = {v1::REGISTRY_DENIED, v1::REGISTRY_UNREACHABLE,
                                        v1::IMAGE_NOT_FOUND, v1::IMAGE_WRONG_PLATFORM,
                                        v1::DISK_FULL};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}

// "3/5, RUN make" of "3/5 : RUN make".
std::string StepInWords(absl::string_view step) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(step, absl::MaxSplits(" : ", 1));
  return absl::StrCat("step ", parts.first, ", ", parts.second);
}

}  // namespace

absl::Status BuildError(absl::string_view step, absl::string_view message) {
  if (const std::string base = BaseImage(step); !base.empty()) {
    const absl::Status status = EngineErrorStatus({Operation::kRegistry, base}, 0, message);
    v1::Failure failure = FailureOf(status);
    if (IsOfBaseImage(failure.code())) {
      failure.add_evidence(absl::StrCat("Dockerfile: ", StepInWords(step)));
      return FailureStatus(failure);
    }
  }
  if (step.empty()) {
    v1::Failure failure = MakeFailure(v1::BUILD_FAILED, "the build could not begin",
                                      {absl::StrCat("Docker: ", message)});
    failure.set_likely_cause("the Dockerfile is wrong");
    failure.set_next_command("correct what Docker names");
    return FailureStatus(failure);
  }
  return FailureStatus(v1::BUILD_FAILED,
                       absl::StrCat("the build failed in the Dockerfile's ", StepInWords(step)),
                       {absl::StrCat("Docker: ", message)});
}

void BuildStream::Feed(absl::string_view data, Output output) {
  json_lines_.Feed(data, [&](const Json& json) { Read(json); });
  HandOn(output);
}

void BuildStream::HandOn(Output output) {
  if (!lines_.empty()) output(lines_);
  lines_.clear();
}

void BuildStream::Read(const Json& json) {
  if (std::string error = StringAt(json, "error"); !error.empty()) error_ = std::move(error);
  if (std::string id = StringAt(At(json, "aux"), "ID"); !id.empty()) image_id_ = std::move(id);
  AddText(StringAt(json, "stream"));
  // Of base images; each layer's own progress would be a flood.
  const std::string status = StringAt(json, "status");
  const bool of_layer = !StringAt(json, "id").empty() && !absl::StartsWith(status, "Pulling from");
  if (!status.empty() && !of_layer) AddText(absl::StrCat(status, "\n"));
}

void BuildStream::AddText(absl::string_view text) {
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    absl::StrAppend(&text_, text.substr(0, end));
    EndPiece();
    lines_.push_back('\n');
    is_rest_ = false;
    text.remove_prefix(end + 1);
  }
  absl::StrAppend(&text_, text);
  // A line need have no end.
  if (text_.size() > kMostLineBytes) EndPiece();
}

void BuildStream::EndPiece() {
  absl::StrAppend(&lines_, text_);
  if (!is_rest_) Remember(std::move(text_));
  text_.clear();
  is_rest_ = true;
}

void BuildStream::Remember(std::string line) {
  absl::string_view step = line;
  if (absl::ConsumePrefix(&step, kStepPrefix) && absl::StrContains(step, " : ")) {
    step_ = std::string(step);
    tail_.clear();
    return;
  }
  // What is cut within a character, or was none, must not spoil the message.
  line = StringAt(*ParseJson(DumpJson({{"line", line.substr(0, kTailLineBytes)}})), "line");
  tail_.push_back(std::move(line));
  if (tail_.size() > kTailLines) tail_.pop_front();
}

absl::StatusOr<std::string> BuildStream::Finish(Output output) {
  json_lines_.Finish([&](const Json& json) { Read(json); });
  if (!text_.empty() || is_rest_) AddText("\n");
  HandOn(output);
  if (error_.empty() && !image_id_.empty()) return image_id_;
  const absl::Status error =
      BuildError(step_, error_.empty() ? "it ended without an image" : absl::string_view(error_));
  v1::Failure failure = FailureOf(error);
  failure.mutable_log_tail()->Assign(tail_.begin(), tail_.end());
  return FailureStatus(failure);
}

}  // namespace davit::docker
