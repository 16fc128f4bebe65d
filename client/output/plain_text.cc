#include "client/output/plain_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/output/database_text.h"
#include "client/output/failure_text.h"
#include "client/output/step_text.h"
#include "client/output/summary.h"
#include "client/output/text.h"
#include "common/deployment/state.h"

namespace davit::output {
namespace {

constexpr absl::Duration kProgressInterval = absl::Seconds(10);
// Somewhat more than the longest tail of a log that a failure carries.
constexpr std::ptrdiff_t kToldLines = 200;
constexpr Style kPlain;

std::string AfterTime(const v1::Step& step) {
  const std::string taken = TimeTaken(step);
  return taken.empty() ? "" : absl::StrCat(" after ", taken);
}

std::string Summary(const v1::Step& step) {
  const std::string result = ResultText(step);
  return result.empty() ? "" : absl::StrCat(" (", result, ")");
}

std::string StepStateText(const v1::Step& step) {
  switch (step.state()) {
    case v1::STEP_STARTED:
      return step.attempt() > 1 ? absl::StrCat("started, attempt ", step.attempt()) : "started";
    case v1::STEP_SUCCEEDED:
      return absl::StrCat("done", AfterTime(step), Summary(step));
    case v1::STEP_WARNED:
      return absl::StrCat("warning", AfterTime(step));
    case v1::STEP_FAILED:
      return absl::StrCat("FAILED", AfterTime(step));
    case v1::STEP_CANCELLED:
      return absl::StrCat("cancelled", AfterTime(step));
    case v1::STEP_UNKNOWN_OUTCOME:
      return "UNKNOWN OUTCOME";
    default:
      return "";
  }
}

std::string Accepted(const v1::Deployment& deployment) {
  return absl::StrCat("deployment ", deployment.id(), ": ", ReleaseNames(deployment), " to ",
                      deployment.environment(), " on ", Count(deployment.hosts_size(), "host"));
}

void AppendIndented(const std::vector<std::string>& more, std::vector<std::string>& lines) {
  for (const std::string& line : more) lines.push_back(absl::StrCat("        ", line));
}

}  // namespace

std::vector<std::string> PlainText::Lines(const v1::Event& event, const DeploymentModel& model) {
  const absl::Time time = ToTime(event.time());
  if (begin_ == absl::InfinitePast()) begin_ = time;
  std::vector<std::string> lines;
  switch (event.payload_case()) {
    case v1::Event::kDeployment:
      lines = DeploymentLines(event.deployment(), model);
      break;
    case v1::Event::kPlanned:
      lines = {absl::StrCat("planned ", Count(event.planned().steps_size(), "step"))};
      break;
    case v1::Event::kStep:
      lines = StepLines(event.step());
      break;
    case v1::Event::kProgress:
      lines = ProgressLines(event, model);
      break;
    case v1::Event::kLog:
      lines = LogLines(event.log(), model);
      break;
    case v1::Event::kNote:
      lines = {absl::StrCat("note: ", Sanitize(event.note().text()))};
      break;
    case v1::Event::PAYLOAD_NOT_SET:
      break;
  }
  if (lines.empty()) return lines;
  lines[0] = absl::StrCat("+", Pad(FormatElapsed(time - begin_), 6), " ", lines[0]);
  if (event.payload_case() != v1::Event::kLog) return lines;
  for (size_t i = 1; i < lines.size(); ++i) lines[i] = absl::StrCat(std::string(8, ' '), lines[i]);
  return lines;
}

std::vector<std::string> PlainText::DeploymentLines(const v1::Deployment& deployment,
                                                    const DeploymentModel& model) {
  if (deployment.state() == state_) {
    return deployment.cancel_requested() ? std::vector<std::string>{"cancelling was asked for"}
                                         : std::vector<std::string>{};
  }
  state_ = deployment.state();
  if (state_ == v1::PENDING) return {Accepted(deployment)};
  if (IsTerminal(state_)) return {};  // the last line says it
  return {absl::StrCat(
      "deployment ", deployment.id(), ": ",
      state_ == v1::ROLLING_BACK ? UndoingText(model.deployment()) : StateWord(state_))};
}

std::vector<std::string> PlainText::StepLines(const v1::Step& step) const {
  const std::string state = StepStateText(step);
  if (state.empty()) return {};
  std::vector<std::string> lines = {absl::StrCat(StepName(step), ": ", state)};
  if (ShowsFailure(step)) {
    v1::Failure failure = step.failure();
    if (WasTold(step.id(), failure)) failure.clear_log_tail();
    AppendIndented(FailureLines(failure, kPlain), lines);
  }
  AppendIndented(DatabaseLines(step, Extent::kShort, kPlain), lines);
  return lines;
}

bool PlainText::WasTold(const std::string& step_id, const v1::Failure& failure) const {
  const auto told = logs_.find(step_id);
  if (told == logs_.end()) return false;
  std::vector<std::string> tail;
  for (const std::string& line : failure.log_tail()) {
    for (std::string& part : SafeLines(line)) tail.push_back(std::move(part));
  }
  const auto& lines = told->second;
  return std::search(lines.begin(), lines.end(), tail.begin(), tail.end()) != lines.end();
}

std::vector<std::string> PlainText::LogLines(const v1::StepLog& log, const DeploymentModel& model) {
  const v1::Step* step = model.FindStep(log.step_id());
  const std::string name = step == nullptr ? log.step_id() : StepName(*step);
  std::vector<std::string> lines = SafeLines(log.data());
  std::deque<std::string>& told = logs_[log.step_id()];
  told.insert(told.end(), lines.begin(), lines.end());
  if (std::ssize(told) > kToldLines) told.erase(told.begin(), told.end() - kToldLines);
  for (std::string& line : lines) line = absl::StrCat(name, " | ", line);
  return lines;
}

std::vector<std::string> PlainText::ProgressLines(const v1::Event& event,
                                                  const DeploymentModel& model) {
  const std::string& id = event.progress().step_id();
  const v1::Step* step = model.FindStep(id);
  const Activity* activity = model.FindActivity(id);
  if (step == nullptr || activity == nullptr) return {};
  const absl::Time time = ToTime(event.time());
  const auto [last, is_first] =
      last_progress_.try_emplace(id, LastProgress{ToTime(step->start_time()), ""});
  std::string text = ProgressText(*activity);
  if (time - last->second.time < kProgressInterval || text == last->second.text) return {};
  last->second = {time, text};
  return {absl::StrCat(StepName(*step), ": ", text)};
}

}  // namespace davit::output
