#include "controller/core/plan/plan_builder.h"

#include <utility>

#include "common/id.h"
#include "controller/core/plan/step_timeout.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

std::string KindName(const worker::v1::StepSpec& spec) {
  const google::protobuf::OneofDescriptor* kinds = spec.GetDescriptor()->FindOneofByName("kind");
  const google::protobuf::FieldDescriptor* kind =
      spec.GetReflection()->GetOneofFieldDescriptor(spec, kinds);
  return kind == nullptr ? std::string() : kind->name();
}

}  // namespace

PlanBuilder::PlanBuilder(std::string deployment_id, int first_index)
    : deployment_id_(std::move(deployment_id)), first_index_(first_index) {}

std::string PlanBuilder::NextId() const {
  return StepId(deployment_id_, first_index_ + static_cast<int>(steps_.size()));
}

int PlanBuilder::Add(NewStep step) {
  step.inverse.step_id = NextId();
  state::v1::StepRecord& record = steps_.emplace_back();
  if (auto inverse = InverseOf(step.spec, step.inverse)) {
    *record.mutable_inverse() = *std::move(inverse);
  }
  record.set_warn_only(step.warn_only);
  record.mutable_after()->Add(step.after.begin(), step.after.end());

  v1::Step& view = *record.mutable_view();
  view.set_id(step.inverse.step_id);
  view.set_kind(KindName(step.spec));
  view.set_title(std::move(step.title));
  view.set_takes_back(std::move(step.takes_back));
  view.set_host(std::move(step.host));
  view.set_app(std::move(step.app));
  view.set_phase(step.phase);
  view.set_wave(wave_);
  view.set_state(v1::STEP_PENDING);
  *view.mutable_timeout() = ToProto(TimeoutOf(step.spec));
  for (const int index : step.after) view.add_after(StepId(deployment_id_, index));
  *record.mutable_spec() = std::move(step.spec);
  return first_index_ + static_cast<int>(steps_.size()) - 1;
}

}  // namespace davit::core
