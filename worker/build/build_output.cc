#include "worker/build/build_output.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"

namespace davit::builder {
namespace {

constexpr absl::Duration kProgressInterval = absl::Milliseconds(100);
// One line can be of any length; a message cannot.
constexpr size_t kMessageBytes = 256 << 10;

}  // namespace

BuildOutput::BuildOutput(const Redactor& redactor, Sink sink)
    : redactor_(redactor), sink_(sink), lines_(&redactor_) {}

void BuildOutput::BeginStage(v1::BuildOutput::Stage stage, const std::string& reference) {
  stage_ = stage;
  reference_ = reference;
  told_ = absl::InfinitePast();
  Send({});  // a stage without a word is seen too
}

void BuildOutput::EndStage() { SendData(lines_.Flush()); }

void BuildOutput::Lines(absl::string_view lines) { SendData(lines_.Put(lines)); }

void BuildOutput::SendData(const std::string& data) {
  for (size_t begin = 0; begin < data.size(); begin += kMessageBytes) {
    v1::BuildOutput output;
    output.set_data(data.substr(begin, kMessageBytes));
    Send(std::move(output));
  }
}

void BuildOutput::Send(v1::BuildOutput output) {
  if (!open_) return;
  output.set_stage(stage_);
  output.set_reference(reference_);
  open_ = sink_(output);
}

void BuildOutput::Progress(const docker::PullProgress& progress) {
  const absl::Time now = SteadyNow();
  const bool all = progress.done_bytes == progress.total_bytes;
  if (!all && now - told_ < kProgressInterval) return;
  told_ = now;
  v1::BuildOutput output;
  output.mutable_progress()->set_phase(progress.phase);
  output.mutable_progress()->set_done(progress.done_bytes);
  output.mutable_progress()->set_total(progress.total_bytes);
  output.mutable_progress()->set_unit("bytes");
  Send(std::move(output));
}

// Its lines are one text: a secret may have several.
void BuildOutput::MaskTail(v1::Failure& failure) const {
  if (failure.log_tail().empty()) return;
  const std::string tail = redactor_.Mask(absl::StrJoin(failure.log_tail(), "\n"));
  failure.clear_log_tail();
  for (const absl::string_view line : absl::StrSplit(tail, '\n')) {
    failure.add_log_tail(redactor_.MaskCut(line));
  }
}

absl::Status BuildOutput::Masked(const absl::Status& status) const {
  if (status.ok() || absl::IsCancelled(status) || redactor_.empty()) return status;
  v1::Failure failure = FailureOf(status);
  failure.set_message(redactor_.Mask(failure.message()));
  // What programs have said is cut where it is long, maybe within a secret.
  for (std::string& fact : *failure.mutable_evidence()) fact = redactor_.MaskCut(fact);
  MaskTail(failure);
  failure.set_likely_cause(redactor_.Mask(failure.likely_cause()));
  failure.set_next_command(redactor_.Mask(failure.next_command()));
  return FailureStatus(failure);
}

}  // namespace davit::builder
