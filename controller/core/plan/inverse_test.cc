#include "controller/core/plan/inverse.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/core/testing/model_host.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {
namespace {

using worker::v1::StepSpec;

std::vector<const google::protobuf::FieldDescriptor*> AllKinds() {
  const google::protobuf::OneofDescriptor* kinds = StepSpec::descriptor()->FindOneofByName("kind");
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  for (int i = 0; i < kinds->field_count(); ++i) fields.push_back(kinds->field(i));
  return fields;
}

StepSpec EmptyStep(const google::protobuf::FieldDescriptor* kind) {
  StepSpec step;
  step.GetReflection()->MutableMessage(&step, kind);
  return step;
}

TEST(Inverse, IsDeclaredForEveryKindOfStep) {
  for (const auto* kind : AllKinds()) {
    const StepSpec step = EmptyStep(kind);
    EXPECT_FALSE(InverseReason(step.kind_case()).empty())
        << kind->name() << " has no entry in inverse.cc";
    EXPECT_NE(NeedsNoInverse(step.kind_case()), InverseOf(step, {}).has_value()) << kind->name();
  }
}

TEST(Inverse, OfNoKindAtAllIsNeitherMadeNorUnneeded) {
  EXPECT_FALSE(NeedsNoInverse(StepSpec::KIND_NOT_SET));
  EXPECT_EQ(InverseOf(StepSpec(), {}), std::nullopt);
}

// A host on which a step of every kind has something to do.
ModelHost BusyHost() {
  ModelHost host;
  host.containers["shop-web"] = OursOf("web", 1);
  ModelContainer candidate = OursOf("web", 2);
  candidate.id = "new-web";
  candidate.running = false;
  candidate.restart_policy = "no";
  host.containers["davit-d-1-07"] = candidate;
  host.networks = {"front"};
  return host;
}

worker::v1::ContainerSpec NewContainer(const std::string& app) {
  worker::v1::ContainerSpec container;
  container.set_service_name(absl::StrCat("shop-", app));
  (*container.mutable_labels())[kAppLabel] = app;
  container.add_networks("front");
  container.add_networks("back");
  container.add_mounts()->set_source("/srv/data");
  return container;
}

// A step of this kind that changes BusyHost; unset for kinds that need no inverse.
StepSpec StepThatChanges(StepSpec::KindCase kind) {
  StepSpec step;
  switch (kind) {
    case StepSpec::kCreateResources:
      *step.mutable_create_resources()->add_containers() = NewContainer("api");
      break;
    case StepSpec::kWriteFiles:
      step.mutable_write_files()->mutable_container()->set_files_directory("shop/dev/web/2");
      break;
    case StepSpec::kLoadBackup:
      step.mutable_load_backup()->set_file("main-1.dump");
      break;
    case StepSpec::kStopContainer:
      step.mutable_stop_container()->set_container_id("old-web");
      break;
    case StepSpec::kStartContainer:
      *step.mutable_start_container()->mutable_container() = NewContainer("api");
      step.mutable_start_container()->set_candidate_name("davit-d-1-05");
      break;
    case StepSpec::kSwitchName: {
      worker::v1::Rename& old = *step.mutable_switch_name()->add_renames();
      old.set_from("shop-web");
      old.set_to("shop-web-replaced-d-1");
      old.set_container_id("old-web");
      worker::v1::Rename& fresh = *step.mutable_switch_name()->add_renames();
      fresh.set_from("davit-d-1-07");
      fresh.set_to("shop-web");
      fresh.set_container_id("new-web");
      break;
    }
    case StepSpec::kSetRestartPolicy:
      step.mutable_set_restart_policy()->set_container("davit-d-1-07");
      step.mutable_set_restart_policy()->set_policy("always");
      break;
    default:
      break;
  }
  return step;
}

class StepAndInverse : public ::testing::TestWithParam<int> {};

// The parameter is the number of things the step gets done before it breaks off.
TEST_P(StepAndInverse, LeaveTheHostAsItWas) {
  int checked = 0;
  for (const auto* kind : AllKinds()) {
    if (NeedsNoInverse(EmptyStep(kind).kind_case())) continue;
    SCOPED_TRACE(kind->name());
    const ModelHost before = BusyHost();
    ModelHost host = before;
    const StepSpec step = StepThatChanges(EmptyStep(kind).kind_case());
    ASSERT_NE(step.kind_case(), StepSpec::KIND_NOT_SET) << "say what such a step changes";
    worker::v1::ObservedContainer stopped;
    stopped.set_name("shop-web");
    stopped.set_state("running");
    stopped.set_restart_policy("unless-stopped");

    host.Run("step-1", step, GetParam());
    if (GetParam() == ModelHost::kAllActions) {
      EXPECT_FALSE(host.SameAs(before));
    }
    const auto inverse = InverseOf(step, {.step_id = "step-1", .stopped = &stopped});
    ASSERT_TRUE(inverse.has_value());
    const auto result = host.Run("step-2", *inverse);
    EXPECT_EQ(result.outcome(), worker::v1::StepFinished::SUCCEEDED) << result.failure().message();
    EXPECT_TRUE(host.SameAs(before)) << host.Describe();
    ++checked;
  }
  EXPECT_GE(checked, 5);
}

INSTANTIATE_TEST_SUITE_P(HoweverFarItCame, StepAndInverse,
                         ::testing::Values(0, 1, ModelHost::kAllActions));

TEST(Inverse, OfAStopMakesAnewFromTheRecordWhatIsGone) {
  ModelHost host = BusyHost();
  worker::v1::ObservedContainer stopped;
  stopped.set_name("shop-web");
  stopped.set_state("running");
  worker::v1::ContainerSpec record;
  record.set_image("old");
  const auto inverse = InverseOf(StepThatChanges(StepSpec::kStopContainer),
                                 {.step_id = "s", .stopped = &stopped, .record = &record});
  host.containers.erase("shop-web");
  host.Run("step-2", *inverse);
  ASSERT_TRUE(host.containers.contains("shop-web"));
  EXPECT_EQ(host.containers["shop-web"].image, "old");
  EXPECT_TRUE(host.containers["shop-web"].running);
}

}  // namespace
}  // namespace davit::core
