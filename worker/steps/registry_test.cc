#include "worker/steps/registry.h"

#include <gtest/gtest.h>

namespace davit::steps {
namespace {

TEST(Registry, HasARunnerForEveryKindOfStep) {
  const Runners runners = MakeRunners({});
  const auto* kinds = worker::v1::StepSpec::descriptor()->FindOneofByName("kind");
  ASSERT_NE(kinds, nullptr);
  for (int i = 0; i < kinds->field_count(); ++i) {
    const auto kind = static_cast<worker::v1::StepSpec::KindCase>(kinds->field(i)->number());
    ASSERT_TRUE(runners.contains(kind)) << kinds->field(i)->name();
    EXPECT_NE(runners.at(kind), nullptr) << kinds->field(i)->name();
  }
  EXPECT_EQ(static_cast<int>(runners.size()), kinds->field_count());
}

}  // namespace
}  // namespace davit::steps
