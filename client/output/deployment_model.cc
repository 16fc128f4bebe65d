#include "client/output/deployment_model.h"

#include <utility>

#include "client/output/text.h"
#include "common/deployment/state.h"

namespace davit::output {

double Activity::Rate() const {
  const double seconds = absl::ToDoubleSeconds(last_time - first_time);
  return seconds < 0.2 ? 0 : static_cast<double>(progress.done() - first_done) / seconds;
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

std::string TimeTaken(const v1::Step& step) {
  if (!step.has_start_time() || !step.has_end_time()) return "";
  return FormatElapsed(ToTime(step.end_time()) - ToTime(step.start_time()));
}

bool DeploymentModel::Apply(const v1::Event& event) {
  if (event.sequence() <= last_sequence_) return false;
  last_sequence_ = event.sequence();
  switch (event.payload_case()) {
    case v1::Event::kDeployment:
      Replace(event.deployment());
      break;
    case v1::Event::kPlanned:
      for (const v1::Step& step : event.planned().steps()) Replace(step);
      break;
    case v1::Event::kStep:
      Replace(event.step());
      break;
    case v1::Event::kProgress:
      Progress(event.progress(), ToTime(event.time()));
      break;
    case v1::Event::kLog:
      Log(event.log());
      break;
    case v1::Event::kNote:
    case v1::Event::PAYLOAD_NOT_SET:
      break;
  }
  return true;
}

void DeploymentModel::Replace(const v1::Deployment& deployment) {
  google::protobuf::RepeatedPtrField<v1::Step> steps;
  steps.Swap(deployment_.mutable_steps());
  deployment_ = deployment;
  deployment_.mutable_steps()->Swap(&steps);
}

void DeploymentModel::Replace(const v1::Step& step) {
  const auto [at, is_new] = index_.try_emplace(step.id(), deployment_.steps_size());
  if (is_new) {
    *deployment_.add_steps() = step;
  } else {
    *deployment_.mutable_steps(at->second) = step;
  }
  if (step.state() != v1::STEP_STARTED) activities_.erase(step.id());
}

void DeploymentModel::Progress(const v1::StepProgress& progress, absl::Time time) {
  Activity& activity = activities_[progress.step_id()];
  if (activity.progress.step_id().empty() || activity.progress.phase() != progress.phase()) {
    activity.first_time = time;
    activity.first_done = progress.done();
  }
  activity.progress = progress;
  activity.last_time = time;
}

void DeploymentModel::Log(const v1::StepLog& log) {
  auto& lines = activities_[log.step_id()].last_lines;
  for (std::string& line : SafeLines(log.data())) lines.push_back(std::move(line));
  while (lines.size() > kLogLines) lines.pop_front();
}

bool DeploymentModel::ended() const { return IsTerminal(deployment_.state()); }

const v1::Step* DeploymentModel::FindStep(absl::string_view id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &deployment_.steps(found->second);
}

const Activity* DeploymentModel::FindActivity(absl::string_view id) const {
  const auto found = activities_.find(id);
  return found == activities_.end() ? nullptr : &found->second;
}

std::vector<const v1::Step*> DeploymentModel::Running() const {
  std::vector<const v1::Step*> running;
  for (const v1::Step& step : deployment_.steps()) {
    if (step.state() == v1::STEP_STARTED) running.push_back(&step);
  }
  return running;
}

}  // namespace davit::output
