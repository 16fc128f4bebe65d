#ifndef DAVIT_CLIENT_OUTPUT_EVENT_MAKER_H_
#define DAVIT_CLIENT_OUTPUT_EVENT_MAKER_H_

#include <string>

#include "absl/time/time.h"
#include "client/output/deployment_model.h"
#include "common/deployment/state.h"
#include "davit/v1/deployment.pb.h"

namespace davit::output {

// Writes a deployment's journal for tests: numbers the events and keeps time.
class EventMaker {
 public:
  static constexpr int64_t kBegin = 1'700'000'000;

  EventMaker() {
    deployment_.set_id("d-1");
    deployment_.set_environment("dev");
    deployment_.add_hosts("local");
    v1::Release* release = deployment_.add_releases();
    release->set_app("web");
    release->set_number(3);
    release->set_replaces(2);
    Set(deployment_.mutable_create_time());
  }

  v1::Deployment& deployment() { return deployment_; }
  absl::Time now() const { return absl::FromUnixSeconds(kBegin) + passed_; }
  void Pass(absl::Duration duration) { passed_ += duration; }

  v1::Event Deployment(v1::DeploymentState state) {
    deployment_.set_state(state);
    if (IsTerminal(state)) Set(deployment_.mutable_end_time());
    v1::Event event = Next();
    *event.mutable_deployment() = deployment_;
    return event;
  }

  v1::Event Planned(int count) {
    v1::Event event = Next();
    for (int i = 0; i < count; ++i) {
      *event.mutable_planned()->add_steps() = StepOf(i, v1::STEP_PENDING);
    }
    return event;
  }

  v1::Event Step(int index, v1::StepState state) {
    v1::Event event = Next();
    *event.mutable_step() = StepOf(index, state);
    return event;
  }

  v1::Event Failed(int index, const v1::Failure& failure) {
    v1::Event event = Step(index, v1::STEP_FAILED);
    *event.mutable_step()->mutable_failure() = failure;
    return event;
  }

  v1::Event Progress(int index, const std::string& phase, int64_t done, int64_t total) {
    v1::Event event = Next();
    v1::StepProgress* progress = event.mutable_progress();
    progress->set_step_id(IdOf(index));
    progress->set_phase(phase);
    progress->set_done(done);
    progress->set_total(total);
    progress->set_unit("bytes");
    return event;
  }

  v1::Event Log(int index, const std::string& text) {
    v1::Event event = Next();
    event.mutable_log()->set_step_id(IdOf(index));
    event.mutable_log()->set_data(text);
    return event;
  }

 private:
  static std::string IdOf(int index) { return "d-1-0" + std::to_string(index + 1); }

  void Set(google::protobuf::Timestamp* time) const {
    time->set_seconds(absl::ToUnixSeconds(now()));
    time->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(passed_ % absl::Seconds(1))));
  }

  v1::Step StepOf(int index, v1::StepState state) {
    const std::string titles[] = {"pull web v3", "start web v3", "check health of web v3"};
    v1::Step step;
    step.set_id(IdOf(index));
    step.set_host("local");
    step.set_title(titles[index]);
    step.set_phase(index == 0 ? v1::PREPARE : v1::RELEASE);
    step.set_state(state);
    step.set_attempt(1);
    if (state == v1::STEP_STARTED) Set(&starts_[index]);
    if (state != v1::STEP_PENDING) *step.mutable_start_time() = starts_[index];
    if (state != v1::STEP_PENDING && state != v1::STEP_STARTED) Set(step.mutable_end_time());
    return step;
  }

  v1::Event Next() {
    v1::Event event;
    event.set_deployment_id(deployment_.id());
    event.set_sequence(++sequence_);
    Set(event.mutable_time());
    return event;
  }

  v1::Deployment deployment_;
  google::protobuf::Timestamp starts_[3];
  absl::Duration passed_ = absl::ZeroDuration();
  int64_t sequence_ = 0;
};

// What the health check of web v3 found.
inline v1::Failure HealthFailure() {
  v1::Failure failure;
  failure.set_code(v1::HEALTH_STATUS);
  failure.set_message("GET /health answered 500, wanted 200-399");
  failure.add_evidence("12 probes in 8.0s");
  failure.add_log_tail("boot \x1b[2Jdone");
  failure.set_likely_cause("the application is broken");
  failure.set_next_command("read the log lines above");
  return failure;
}

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_EVENT_MAKER_H_
