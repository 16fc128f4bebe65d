#include "tests/support/listener.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::PortBinding;
using worker::v1::StepSpec;

class ContainerSteps : public StepsTest {
 protected:
  StepSpec StartStep(const ContainerSpec& container) const {
    StepSpec spec;
    *spec.mutable_start_container()->mutable_container() = container;
    spec.mutable_start_container()->set_candidate_name(Name("candidate"));
    return spec;
  }
  StepSpec StopStep(const std::string& id) const {
    StepSpec spec;
    spec.mutable_stop_container()->set_container_id(id);
    spec.mutable_stop_container()->mutable_grace_period()->set_seconds(1);
    return spec;
  }
  StepSpec PutBackStep(const std::string& id) const {
    StepSpec spec;
    spec.mutable_put_back()->set_container_id(id);
    spec.mutable_put_back()->set_name(Name("web"));
    spec.mutable_put_back()->set_restart_policy("unless-stopped");
    spec.mutable_put_back()->set_was_running(true);
    return spec;
  }
  StepSpec RemoveStep(const std::string& step_id) const {
    StepSpec spec;
    spec.mutable_remove_container()->set_candidate_name(Name("candidate"));
    spec.mutable_remove_container()->set_starting_step_id(Name(step_id));
    return spec;
  }
  static ContainerSpec Publishing(ContainerSpec spec, int host_port) {
    PortBinding& port = *spec.add_ports();
    port.set_host_port(host_port);
    port.set_container_port(80);
    return spec;
  }
};

TEST_F(ContainerSteps, StartsACandidateThatDockerDoesNotRestart) {
  ContainerSpec wanted = Spec();
  wanted.set_restart_policy("always");
  const auto outputs = Run(StartStep(wanted));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->container().image_id(), image_id_);
  const auto container = Inspect(outputs->container().container_id());
  EXPECT_EQ(container.observed.name(), Name("candidate"));
  EXPECT_EQ(container.observed.state(), "running");
  EXPECT_EQ(container.observed.restart_policy(), "no");
  EXPECT_EQ(container.observed.labels().at(kStepLabel), Name("step"));
}

TEST_F(ContainerSteps, DoesNotStartAContainerTwice) {
  const StepSpec start = StartStep(Spec({"/bin/echo", "ran"}));
  const auto first = Run(start);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(WaitForState(Name("candidate"), "exited"));
  StepContext resumed = Context("step");
  resumed.resumed = true;
  const auto second = Run(start, resumed);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->container().container_id(), first->container().container_id());
  EXPECT_EQ(Output(Name("candidate")), "ran\n");
}

TEST_F(ContainerSteps, GoesOnWithAContainerThatWasCreatedOnly) {
  ContainerSpec wanted = Spec();
  (*wanted.mutable_labels())[kStepLabel] = Name("step");
  const auto id = engine_.CreateContainer(Name("candidate"), wanted, "no", test::TestCall());
  ASSERT_TRUE(id.ok());
  StepContext resumed = Context("step");
  resumed.resumed = true;
  const auto outputs = Run(StartStep(Spec()), resumed);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->container().container_id(), *id);
  EXPECT_EQ(Inspect(*id).observed.state(), "running");
}

TEST_F(ContainerSteps, DoesNotTakeAContainerOfSomeoneElse) {
  const std::string id = Start(Name("candidate"), Spec());
  EXPECT_THAT(Fail(StartStep(Spec())), HasCode(v1::NAME_IN_USE));
  EXPECT_EQ(Inspect(Name("candidate")).observed.id(), id);
}

TEST_F(ContainerSteps, SayWhichContainerHasThePort) {
  const int port = test::FreePort();
  Start(Name("other"), Publishing(Spec(), port));
  const v1::Failure failure = Fail(StartStep(Publishing(Spec(), port)));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure, Shows(absl::StrCat("published by container ", Name("other"))));
}

TEST_F(ContainerSteps, SayWhichProcessHasThePort) {
  const test::SilentListener listener;
  const v1::Failure failure = Fail(StartStep(Publishing(Spec(), listener.port())));
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure, Shows(absl::StrCat("(process ", getpid(), ")")));
}

TEST_F(ContainerSteps, SayThatTheCommandDoesNotExist) {
  const v1::Failure failure = Fail(StartStep(Spec({"/no/such/program", "-x"})));
  EXPECT_THAT(failure, HasCode(v1::COMMAND_NOT_FOUND));
  EXPECT_EQ(failure.message(),
            absl::StrCat("The command /no/such/program of ", Name("web"), " cannot be run"));
  EXPECT_THAT(failure, Shows("command: /no/such/program -x"));
  int commands = 0;
  for (const std::string& fact : failure.evidence()) commands += fact.starts_with("command");
  EXPECT_EQ(commands, 1) << failure.DebugString();
}

TEST_F(ContainerSteps, SayThatTheImageIsNotThere) {
  ContainerSpec wanted = Spec();
  wanted.set_image("sha256:" + std::string(64, '0'));
  EXPECT_THAT(Fail(StartStep(wanted)), HasCode(v1::IMAGE_NOT_FOUND));
}

TEST_F(ContainerSteps, SayThatDockerRefusesASetting) {
  ContainerSpec wanted = Spec();
  wanted.add_cap_add("NO_SUCH_CAPABILITY");
  const v1::Failure failure = Fail(StartStep(wanted));
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_REFUSED));
  EXPECT_EQ(failure.message(), absl::StrCat("Docker refused the settings of ", Name("web")));
}

TEST_F(ContainerSteps, RemoveTheCandidate) {
  const auto started = Run(StartStep(Spec()), Context("start"));
  ASSERT_TRUE(started.ok()) << started.status();
  ASSERT_TRUE(Run(RemoveStep("start")).ok());
  EXPECT_FALSE(Exists(Name("candidate")));
  EXPECT_TRUE(Run(RemoveStep("start")).ok()) << "again";
}

// `docker commit` writes a container's labels into the image.
TEST_F(ContainerSteps, RemoveNoContainerOfAnImageThatWasMadeOfTheCandidate) {
  ASSERT_TRUE(Run(StartStep(Spec()), Context("start")).ok());
  const std::string label = absl::StrCat("LABEL ", kStepLabel, "=", Name("start"));
  const auto committed = test::ImportBusyboxImage(ImageName("committed"), {}, {.changes = {label}});
  ASSERT_TRUE(committed.ok()) << committed.status();
  ContainerSpec by_hand = Spec();
  by_hand.set_image(*committed);
  const std::string id = Start(Name("by-hand"), by_hand);
  ASSERT_EQ(Inspect(id).observed.labels().at(kStepLabel), Name("start"));
  const auto removed = Run(RemoveStep("start"));
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->summary(), "removed");
  EXPECT_FALSE(Exists(Name("candidate")));
  EXPECT_EQ(Inspect(id).observed.state(), "running");
  const auto again = Run(RemoveStep("start"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Inspect(id).observed.state(), "running");
  EXPECT_THAT(again->summary(), ::testing::HasSubstr(Name("by-hand"))) << "what was left is named";
}

TEST_F(ContainerSteps, RemoveNothingWithoutTheNameOfTheCandidate) {
  StepSpec spec = RemoveStep("start");
  spec.mutable_remove_container()->clear_candidate_name();
  EXPECT_THAT(Fail(spec), HasCode(v1::SPEC_INVALID));
}

TEST_F(ContainerSteps, RemoveNothingThatAnotherStepHasStarted) {
  Start(Name("candidate"), Spec());
  ASSERT_TRUE(Run(RemoveStep("start")).ok());
  EXPECT_TRUE(Exists(Name("candidate")));
}

TEST_F(ContainerSteps, StopAContainerForGood) {
  const std::string id = Start(Name("web"), Spec(), "always");
  ASSERT_TRUE(Run(StopStep(id)).ok());
  EXPECT_EQ(Inspect(id).observed.state(), "exited");
  EXPECT_EQ(Inspect(id).observed.restart_policy(), "no");
  EXPECT_TRUE(Run(StopStep(id)).ok()) << "again";
}

TEST_F(ContainerSteps, StopOneThatIsGone) {
  ContainerSpec spec = Spec();
  const std::string id = Start(Name("web"), spec);
  ASSERT_TRUE(engine_.RemoveContainer(id, test::TestCall()).ok());
  EXPECT_TRUE(Run(StopStep(id)).ok());
}

TEST_F(ContainerSteps, StopWaitsNoLongerThanTheGracePeriod) {
  ContainerSpec deaf = Spec({"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"});
  deaf.mutable_stop_grace_period()->set_seconds(300);  // longer than the step may take
  const std::string id = Start(Name("web"), deaf);
  const auto outputs = Run(StopStep(id));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->summary(), "did not stop within 1s: killed");
  EXPECT_EQ(Inspect(id).observed.exit_code(), 137);
}

TEST_F(ContainerSteps, PutTheOldContainerBack) {
  const std::string id = Start(Name("kept"), Spec());
  ASSERT_TRUE(engine_.StopContainer(id, absl::ZeroDuration(), test::TestCall()).ok());
  for (int run = 0; run < 2; ++run) {
    const auto outputs = Run(PutBackStep(id));
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_EQ(outputs->container().container_id(), id);
    const auto container = Inspect(id);
    EXPECT_EQ(container.observed.name(), Name("web"));
    EXPECT_EQ(container.observed.state(), "running");
    EXPECT_EQ(container.observed.restart_policy(), "unless-stopped");
  }
}

TEST_F(ContainerSteps, PutBackLeavesStoppedWhatWasStopped) {
  const auto id = engine_.CreateContainer(Name("kept"), Spec(), "no", test::TestCall());
  ASSERT_TRUE(id.ok());
  StepSpec spec = PutBackStep(*id);
  spec.mutable_put_back()->set_was_running(false);
  ASSERT_TRUE(Run(spec).ok());
  EXPECT_EQ(Inspect(Name("web")).observed.state(), "created");
}

TEST_F(ContainerSteps, PutBackMakesTheOldContainerAnewWhenItIsGone) {
  StepSpec spec = PutBackStep(std::string(64, 'a'));
  EXPECT_THAT(Fail(spec), HasCode(v1::CONTAINER_GONE));
  *spec.mutable_put_back()->mutable_record() = Spec();
  const auto outputs = Run(spec);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(Inspect(Name("web")).observed.state(), "running");
  EXPECT_EQ(Inspect(Name("web")).observed.restart_policy(), "unless-stopped");
  const auto again = Run(spec);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->container().container_id(), outputs->container().container_id());
}

TEST_F(ContainerSteps, PutBackSaysWhoHasThePort) {
  const int port = test::FreePort();
  const ContainerSpec record = Publishing(Spec(), port);
  const auto id = engine_.CreateContainer(Name("web"), record, "no", test::TestCall());
  ASSERT_TRUE(id.ok());
  Start(Name("thief"), record);
  StepSpec spec = PutBackStep(*id);
  *spec.mutable_put_back()->mutable_record() = record;
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::PORT_IN_USE));
  EXPECT_THAT(failure, Shows(Name("thief")));
}

TEST_F(ContainerSteps, SwitchNamesOnceAndOnlyOnce) {
  const std::string old_id = Start(Name("web"), Spec());
  const std::string new_id = Start(Name("candidate"), Spec());
  StepSpec spec;
  auto* first = spec.mutable_switch_name()->add_renames();
  first->set_from(Name("web"));
  first->set_to(Name("web-replaced"));
  first->set_container_id(old_id);
  auto* second = spec.mutable_switch_name()->add_renames();
  second->set_from(Name("candidate"));
  second->set_to(Name("web"));
  StepContext context = Context("step");
  for (const bool resumed : {false, true}) {
    context.resumed = resumed;
    const auto outputs = Run(spec, context);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_EQ(Inspect(Name("web")).observed.id(), new_id);
    EXPECT_EQ(Inspect(Name("web-replaced")).observed.id(), old_id);
  }
}

TEST_F(ContainerSteps, SwitchGoesOnFromTheMiddleAndBackAgain) {
  const std::string old_id = Start(Name("web-replaced"), Spec());  // renamed before the crash
  const std::string new_id = Start(Name("candidate"), Spec());
  StepSpec spec, back;
  auto* first = spec.mutable_switch_name()->add_renames();
  first->set_from(Name("web"));
  first->set_to(Name("web-replaced"));
  auto* second = spec.mutable_switch_name()->add_renames();
  second->set_from(Name("candidate"));
  second->set_to(Name("web"));
  for (const auto* rename : {second, first}) {
    auto* turned = back.mutable_switch_name()->add_renames();
    turned->set_from(rename->to());
    turned->set_to(rename->from());
  }
  ASSERT_TRUE(Run(back).ok()) << "from the middle";
  EXPECT_EQ(Inspect(Name("web")).observed.id(), old_id);
  ASSERT_TRUE(Run(spec).ok());
  EXPECT_EQ(Inspect(Name("web")).observed.id(), new_id);
}

TEST_F(ContainerSteps, SwitchSaysWhichContainerIsGone) {
  StepSpec spec;
  auto* rename = spec.mutable_switch_name()->add_renames();
  rename->set_from(Name("nobody"));
  rename->set_to(Name("web"));
  EXPECT_THAT(Fail(spec), HasCode(v1::CONTAINER_GONE));
}

TEST_F(ContainerSteps, SwitchDoesNotTakeANameFromSomeoneElse) {
  Start(Name("candidate"), Spec());
  Start(Name("web"), Spec());
  StepSpec spec;
  auto* rename = spec.mutable_switch_name()->add_renames();
  rename->set_from(Name("candidate"));
  rename->set_to(Name("web"));
  EXPECT_THAT(Fail(spec), HasCode(v1::NAME_IN_USE));
}

TEST_F(ContainerSteps, SetARestartPolicy) {
  Start(Name("web"), Spec());
  StepSpec spec;
  spec.mutable_set_restart_policy()->set_container(Name("web"));
  spec.mutable_set_restart_policy()->set_policy("on-failure:3");
  ASSERT_TRUE(Run(spec).ok());
  EXPECT_EQ(Inspect(Name("web")).observed.restart_policy(), "on-failure:3");
  spec.mutable_set_restart_policy()->set_container(Name("nobody"));
  EXPECT_THAT(Fail(spec), HasCode(v1::CONTAINER_GONE));
  spec.mutable_set_restart_policy()->set_policy("no");
  EXPECT_TRUE(Run(spec).ok());
}

TEST_F(ContainerSteps, ConfirmNoContainerThatHasEndedMeanwhile) {
  ContainerSpec container = Spec({"/bin/sh", "-c", "echo out of luck; exit 7"});
  (*container.mutable_labels())["davit.secrets"] = "dev/KEY@1";
  Start(Name("web"), container);
  ASSERT_TRUE(WaitForState(Name("web"), "exited"));
  StepSpec spec;
  spec.mutable_set_restart_policy()->set_container(Name("web"));
  spec.mutable_set_restart_policy()->set_policy("unless-stopped");
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_EXITED));
  EXPECT_THAT(failure, Shows("exit code: 7"));
  EXPECT_THAT(failure.log_tail(), ::testing::ElementsAre("out of luck"));
  EXPECT_THAT(reporter_.shown_secrets(), ::testing::ElementsAre("dev/KEY@1"))
      << "what its output may have is masked";
  spec.mutable_set_restart_policy()->set_policy("no");
  EXPECT_TRUE(Run(spec).ok()) << "which is how it is undone";
}

TEST_F(ContainerSteps, EndSoonWhenTheyAreCancelled) {
  const std::string id =
      Start(Name("web"), Spec({"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"}));
  CancelToken token;
  StepContext context = Context("step");
  context.call.cancel = &token;
  StepSpec spec = StopStep(id);
  spec.mutable_stop_container()->mutable_grace_period()->set_seconds(50);
  token.Cancel();
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(absl::IsCancelled(Run(spec, context).status()));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(25)) << "of the 50 of the grace period";
}

}  // namespace
}  // namespace davit::steps
