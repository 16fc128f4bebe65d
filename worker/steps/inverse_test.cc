// A step and then its inverse leave the host as it was found.
#include <algorithm>
#include <filesystem>

#include "absl/strings/str_join.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::StepSpec;

class StepThenInverse : public StepsTest {
 protected:
  // What an observer sees of this test's things; times of starts and free space differ anyway.
  std::string Observed() {
    StepSpec observe;
    observe.mutable_observe();
    const auto outputs = Run(observe);
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    if (!outputs.ok()) return "";
    std::string seen;
    for (worker::v1::ObservedContainer container : outputs->observe().containers()) {
      if (!container.labels().contains("davit.test")) continue;
      if (container.labels().at("davit.test") != label_) continue;
      container.clear_start_time();
      // Of the last run, which is another one now; it says nothing while it runs.
      container.clear_exit_code();
      seen += container.DebugString();
    }
    for (const std::string& network : outputs->observe().networks()) {
      if (network.find(label_) != std::string::npos) seen += "network " + network + "\n";
    }
    return seen + Files();
  }

  // What is below the root of all releases' files, which stays.
  std::string Files() const {
    std::vector<std::string> paths;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(directory_.File("files"), error)) {
      paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return absl::StrJoin(paths, "\n");
  }

  void ExpectUndone(const StepSpec& step, const StepSpec& inverse) {
    const std::string before = Observed();
    const auto done = Run(step, Context("step"));
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_NE(Observed(), before) << "the step has changed nothing";
    const auto undone = Run(inverse, Context("inverse"));
    ASSERT_TRUE(undone.ok()) << undone.status();
    EXPECT_EQ(Observed(), before);
    const auto again = Run(inverse, Context("inverse"));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(Observed(), before);
  }
};

TEST_F(StepThenInverse, StopContainerAndPutBack) {
  const std::string id = Start(Name("web"), Spec(), "unless-stopped");
  StepSpec step, inverse;
  step.mutable_stop_container()->set_container_id(id);
  step.mutable_stop_container()->mutable_grace_period();
  inverse.mutable_put_back()->set_container_id(id);
  inverse.mutable_put_back()->set_name(Name("web"));
  inverse.mutable_put_back()->set_restart_policy("unless-stopped");
  inverse.mutable_put_back()->set_was_running(true);
  ExpectUndone(step, inverse);
}

TEST_F(StepThenInverse, StartContainerAndRemoveContainer) {
  Start(Name("web"), Spec());
  StepSpec step, inverse;
  *step.mutable_start_container()->mutable_container() = Spec();
  step.mutable_start_container()->set_candidate_name(Name("candidate"));
  inverse.mutable_remove_container()->set_candidate_name(Name("candidate"));
  inverse.mutable_remove_container()->set_starting_step_id(Name("step"));
  ExpectUndone(step, inverse);
}

TEST_F(StepThenInverse, SwitchNameTurnedRound) {
  Start(Name("web"), Spec());
  Start(Name("candidate"), Spec());
  StepSpec step, inverse;
  auto* keep = step.mutable_switch_name()->add_renames();
  keep->set_from(Name("web"));
  keep->set_to(Name("web-replaced"));
  auto* serve = step.mutable_switch_name()->add_renames();
  serve->set_from(Name("candidate"));
  serve->set_to(Name("web"));
  for (const auto* rename : {serve, keep}) {
    auto* back = inverse.mutable_switch_name()->add_renames();
    back->set_from(rename->to());
    back->set_to(rename->from());
  }
  const std::string before = Observed();
  ASSERT_TRUE(Run(step).ok());
  EXPECT_NE(Observed(), before);
  ASSERT_TRUE(Run(inverse).ok());
  EXPECT_EQ(Observed(), before);
}

TEST_F(StepThenInverse, SetRestartPolicyToNo) {
  Start(Name("web"), Spec());
  StepSpec step, inverse;
  step.mutable_set_restart_policy()->set_container(Name("web"));
  step.mutable_set_restart_policy()->set_policy("unless-stopped");
  inverse.mutable_set_restart_policy()->set_container(Name("web"));
  inverse.mutable_set_restart_policy()->set_policy("no");
  ExpectUndone(step, inverse);
}

TEST_F(StepThenInverse, WriteFilesAndRemoveFiles) {
  StepSpec step, inverse;
  worker::v1::ContainerSpec& container = *step.mutable_write_files()->mutable_container();
  container = Spec();
  container.set_files_directory("shop/dev/web/7");
  container.add_files()->set_name("0-.env");
  container.mutable_files(0)->set_target("/app/.env");
  container.mutable_files(0)->set_env_format("dotenv");
  inverse.mutable_remove_files()->set_files_directory("shop/dev/web/7");
  ExpectUndone(step, inverse);
}

TEST_F(StepThenInverse, CreateResourcesAndRemoveResources) {
  StepSpec step, inverse;
  worker::v1::ContainerSpec& container = *step.mutable_create_resources()->add_containers();
  container = Spec();
  container.add_networks(Name("net"));
  container.add_mounts()->set_source(directory_.File("data"));
  inverse.mutable_remove_resources()->set_creating_step_id(Name("step"));
  ExpectUndone(step, inverse);
  EXPECT_FALSE(std::filesystem::exists(directory_.File("data")));
}

}  // namespace
}  // namespace davit::steps
