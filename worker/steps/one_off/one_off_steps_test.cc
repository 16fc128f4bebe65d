#include <atomic>
#include <functional>
#include <thread>

#include "tests/support/let_go_on.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/one_off/cleaner.h"
#include "worker/steps/one_off/record.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using worker::v1::StepOutputs;
using worker::v1::StepSpec;

class OneOffSteps : public StepsTest {
 protected:
  StepSpec OneOff(const std::string& script) const {
    StepSpec spec;
    worker::v1::RunOneOff& one_off = *spec.mutable_run_one_off();
    *one_off.mutable_container() = Spec({"/bin/sh", "-c", script});
    one_off.set_title("check settings");
    one_off.set_failure_code(v1::CHECK_FAILED);
    return spec;
  }
  std::string ContainerName() const { return OneOffName(Context("step").key); }
  // One that has been made, but not started.
  std::string Make(const StepSpec& step) {
    worker::v1::ContainerSpec spec = step.run_one_off().container();
    for (const auto& [name, value] : OneOffLabels(Context("step").key, directory_.path())) {
      (*spec.mutable_labels())[name] = value;
    }
    const auto id = engine_.CreateContainer(ContainerName(), spec, "no", test::TestCall());
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or("");
  }
  // As a worker that has made and started it, and was killed.
  std::string MakeAndStart(const StepSpec& step) {
    const std::string id = Make(step);
    EXPECT_TRUE(StartedOneOffs(directory_.path()).Add(Context("step").key).ok());
    EXPECT_TRUE(engine_.StartContainer(id, test::TestCall()).ok());
    return id;
  }
  // Runners of a worker that has just been started.
  absl::StatusOr<StepOutputs> Resume(const StepSpec& step, StepContext context) {
    context.resumed = true;
    Runners fresh = MakeRunners(environment_);
    return fresh.at(step.kind_case())->Run(step, context, reporter_);
  }
  // Runs the step in a thread, and `meanwhile` once its container prints something.
  absl::StatusOr<StepOutputs> RunWhile(const StepSpec& step, const StepContext& context,
                                       const std::function<void()>& meanwhile) {
    absl::StatusOr<StepOutputs> result;
    std::thread runner([&] { result = Run(step, context); });
    const Call call = test::TestCall();
    while (reporter_.logs().empty() && call.Wait(absl::Milliseconds(10)).ok()) {
    }
    EXPECT_FALSE(reporter_.logs().empty()) << "live, while it runs";
    meanwhile();
    runner.join();
    return result;
  }
};

TEST_F(OneOffSteps, RunToTheirEnd) {
  StepSpec step = OneOff("echo out; echo err >&2; echo $GREETING $TOKEN");
  (*step.mutable_run_one_off()->mutable_container()->mutable_env())["GREETING"] = "hello";
  (*step.mutable_run_one_off()->mutable_container()->mutable_secret_env())["TOKEN"].set_name("T");
  StepContext context = Context("step");
  context.secrets = {{"/T@0", "s3cret"}};
  const auto outputs = Run(step, context);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_TRUE(outputs->has_one_off());
  EXPECT_EQ(outputs->one_off().exit_code(), 0);
  EXPECT_THAT(outputs->summary(), HasSubstr("done in "));
  EXPECT_THAT(reporter_.text(), HasSubstr("out\n"));
  EXPECT_THAT(reporter_.text(), HasSubstr("err\n"));
  EXPECT_THAT(reporter_.text(), HasSubstr("hello s3cret\n"));
  const auto container = Inspect(ContainerName());
  EXPECT_EQ(container.observed.state(), "exited") << "until the step is acknowledged";
  EXPECT_EQ(container.observed.restart_policy(), "no");
  EXPECT_EQ(container.log_driver, "json-file");
  EXPECT_EQ(container.observed.labels().at(kStepLabel), Name("step"));
}

TEST_F(OneOffSteps, ReportAllOutputInOrderBeforeTheResult) {
  const auto outputs = Run(OneOff("seq 1 20000"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  std::string expected;
  for (int i = 1; i <= 20000; ++i) absl::StrAppend(&expected, i, "\n");
  EXPECT_TRUE(reporter_.text() == expected) << reporter_.logs().size() << " lines";
}

TEST_F(OneOffSteps, FailUnderTheCodeOfTheirStep) {
  const v1::Failure failure = Fail(OneOff("echo DEBUG is on; exit 3"));
  EXPECT_THAT(failure, HasCode(v1::CHECK_FAILED));
  EXPECT_EQ(failure.message(), "check settings failed with exit code 3");
  EXPECT_THAT(failure, Shows("exit code: 3"));
  EXPECT_THAT(failure.log_tail(), ElementsAre("DEBUG is on"));
}

TEST_F(OneOffSteps, SucceedOnWhatSaysThatTheyWereDoneAlready) {
  StepSpec step = OneOff("head -c 70000 /dev/zero | tr '\\0' x >&2; echo user exists >&2; exit 3");
  step.mutable_run_one_off()->add_succeed_on("nothing to do");
  step.mutable_run_one_off()->add_succeed_on("xuser exists");
  const auto outputs = Run(step);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->one_off().exit_code(), 3);
  EXPECT_THAT(outputs->summary(), HasSubstr("was done already: it said \"xuser exists\""));
}

TEST_F(OneOffSteps, DoNotSucceedOnWhatTheyHaveNotSaid) {
  StepSpec step = OneOff("echo user; echo exists >&2; exit 3");
  step.mutable_run_one_off()->add_succeed_on("user exists");
  EXPECT_THAT(Fail(step), HasCode(v1::CHECK_FAILED));
}

TEST_F(OneOffSteps, SayThatTheirMemoryRanOut) {
  StepSpec step = OneOff(test::WaitingScript("echo begun", "exec tail /dev/zero"));
  step.mutable_run_one_off()->mutable_container()->set_memory_limit_bytes(16 << 20);
  const auto result = RunWhile(step, Context("step"), [this] { test::LetGoOn(ContainerName()); });
  const v1::Failure failure = FailureOf(result.status());
  EXPECT_THAT(failure, HasCode(v1::CHECK_FAILED));
  EXPECT_THAT(failure, Shows("too much memory"));
}

TEST_F(OneOffSteps, SayThatTheirCommandIsNotThere) {
  StepSpec step = OneOff("");
  step.mutable_run_one_off()->mutable_container()->clear_command();
  step.mutable_run_one_off()->mutable_container()->add_command("/no/such");
  EXPECT_THAT(Fail(step), HasCode(v1::COMMAND_NOT_FOUND));
}

TEST_F(OneOffSteps, AreInterruptedWhenSomebodyElseKillsThem) {
  const auto result = RunWhile(OneOff("echo begun; sleep 1000"), Context("step"), [this] {
    EXPECT_TRUE(engine_.KillContainer(ContainerName(), test::TestCall()).ok());
  });
  ASSERT_FALSE(result.ok());
  const v1::Failure failure = FailureOf(result.status());
  EXPECT_THAT(failure, HasCode(v1::ONE_OFF_INTERRUPTED));
  EXPECT_THAT(failure, Shows("exit code: 137"));
  EXPECT_THAT(failure.log_tail(), ElementsAre("begun"));
}

TEST_F(OneOffSteps, AreInterruptedWhenSomebodyElseRemovesThem) {
  const auto result = RunWhile(OneOff("echo begun; sleep 1000"), Context("step"), [this] {
    EXPECT_TRUE(engine_.RemoveContainer(ContainerName(), test::TestCall()).ok());
  });
  EXPECT_TRUE(IsFailure(result.status(), v1::ONE_OFF_INTERRUPTED)) << result.status();
}

TEST_F(OneOffSteps, AreReallyEndedWhenCancelled) {
  CancelToken cancel;
  StepContext context = Context("step");
  context.call.cancel = &cancel;
  const auto result = RunWhile(OneOff("trap '' TERM; echo begun; while :; do sleep 1; done"),
                               context, [&cancel] { cancel.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
  EXPECT_EQ(Inspect(ContainerName()).observed.state(), "exited");
}

TEST_F(OneOffSteps, AreEndedWhenTheirTimeIsOver) {
  StepSpec step = OneOff("echo begun; sleep 1000");
  step.mutable_run_one_off()->mutable_timeout()->set_seconds(3);
  const v1::Failure failure = Fail(step);
  EXPECT_THAT(failure, HasCode(v1::STEP_TIMEOUT));
  EXPECT_EQ(failure.message(), "check settings ran longer than 3s");
  EXPECT_THAT(failure.next_command(), ::testing::HasSubstr("raise `checks.timeout`"));
  EXPECT_THAT(failure.log_tail(), ElementsAre("begun"));
  EXPECT_EQ(Inspect(ContainerName()).observed.state(), "exited");
}

TEST_F(OneOffSteps, GoOnWithoutTheirWorkerAndAreTakenUpAgain) {
  const StepSpec step =
      OneOff(test::WaitingScript("for i in 1 2 3; do echo before $i; done", "echo after"));
  CancelToken ending;
  StepContext context = Context("step");
  context.call.cancel = &ending;
  context.worker_ends = [&ending] { return ending.cancelled(); };
  const auto left = RunWhile(step, context, [&ending] { ending.Cancel(); });
  EXPECT_TRUE(absl::IsCancelled(left.status())) << left.status();
  const auto running = Inspect(ContainerName());
  EXPECT_EQ(running.observed.state(), "running");
  test::LetGoOn(ContainerName());
  const auto resumed = Resume(step, Context("step"));
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_THAT(reporter_.text(), HasSubstr("before 3\nafter\n"));
  EXPECT_EQ(Inspect(ContainerName()).observed.start_time().nanos(),
            running.observed.start_time().nanos())
      << "started once";
}

TEST_F(OneOffSteps, TellOnlyTheOutputThatIsNewToTheController) {
  const StepSpec step = OneOff("for i in 1 2 3 4 5; do echo line $i; done");
  ASSERT_TRUE(Run(step).ok());
  const auto logs = reporter_.logs();
  ASSERT_EQ(logs.size(), 5u);
  StepContext context = Context("step");
  context.after_log = logs[2].position();
  ASSERT_TRUE(Resume(step, context).ok());
  EXPECT_EQ(reporter_.text(), "line 1\nline 2\nline 3\nline 4\nline 5\nline 4\nline 5\n");
}

TEST_F(OneOffSteps, SayAgainWhatTheyHaveSaid) {
  const StepSpec step = OneOff("for i in 1 2 3; do echo line $i; done; exit 1");
  EXPECT_FALSE(Run(step).ok());
  StepContext context = Context("step");
  context.after_log = reporter_.logs().at(1).position();
  Recorder again;
  ASSERT_TRUE(runners_.at(step.kind_case())->Replay(step, context, again).ok());
  EXPECT_EQ(again.text(), "line 3\n");
  ASSERT_TRUE(engine_.RemoveContainer(ContainerName(), test::TestCall()).ok());
  EXPECT_TRUE(runners_.at(step.kind_case())->Replay(step, context, again).ok()) << "gone";
}

TEST_F(OneOffSteps, HaveTheResultThatTheyEndedWithWhileNoWorkerWasThere) {
  const StepSpec step = OneOff("echo done meanwhile; exit 4");
  MakeAndStart(step);
  ASSERT_TRUE(WaitForState(ContainerName(), "exited"));
  const auto result = Resume(step, Context("step"));
  EXPECT_TRUE(IsFailure(result.status(), v1::CHECK_FAILED)) << result.status();
  EXPECT_EQ(reporter_.text(), "done meanwhile\n") << "it ran once";
}

TEST_F(OneOffSteps, AreStartedWhereTheEngineWasCertainlyNotToldYet) {
  const StepSpec step = OneOff("echo once");
  Make(step);
  const auto result = Resume(step, Context("step"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(reporter_.text(), "once\n");
}

TEST_F(OneOffSteps, AreNotStartedWhereAStartMayBeOnItsWay) {
  const StepSpec step = OneOff("echo never");
  Make(step);
  ASSERT_TRUE(StartedOneOffs(directory_.path()).Add(Context("step").key).ok());
  const auto runner = MakeRunOneOffRunner(environment_, absl::Milliseconds(300));
  const auto result = runner->Run(step, Context("step"), reporter_);
  EXPECT_TRUE(IsFailure(result.status(), v1::ONE_OFF_INTERRUPTED)) << result.status();
  EXPECT_FALSE(Exists(ContainerName())) << "no late start";
}

TEST_F(OneOffSteps, AreNotRunAgainWhenTheirContainerIsGone) {
  const StepSpec step = OneOff("echo once");
  ASSERT_TRUE(Run(step).ok());
  ASSERT_TRUE(engine_.RemoveContainer(ContainerName(), test::TestCall()).ok());
  const auto result = Resume(step, Context("step"));
  EXPECT_TRUE(IsFailure(result.status(), v1::ONE_OFF_INTERRUPTED)) << result.status();
  EXPECT_FALSE(Exists(ContainerName()));
}

TEST_F(OneOffSteps, DoNotTakeAContainerOfSomebodyElseForTheirs) {
  Start(ContainerName(), Spec());
  EXPECT_THAT(Fail(OneOff("true")), HasCode(v1::NAME_IN_USE));
}

TEST_F(OneOffSteps, LeaveTheirContainerUntilTheirStepIsForgotten) {
  ASSERT_TRUE(Run(OneOff("true")).ok());
  OneOffCleaner cleaner(&engine_, directory_.path());
  ASSERT_TRUE(cleaner.Sweep([](const auto&) { return true; }, test::TestCall()).ok());
  EXPECT_TRUE(Exists(ContainerName()));
  worker::v1::StepKey asked;
  const auto forgotten = [&asked](const worker::v1::StepKey& key) {
    asked = key;
    return false;
  };
  ASSERT_TRUE(cleaner.Sweep(forgotten, test::TestCall()).ok());
  EXPECT_FALSE(Exists(ContainerName()));
  EXPECT_EQ(asked.step_id(), Name("step"));
  EXPECT_EQ(asked.cluster_id(), "cluster");
  EXPECT_EQ(asked.attempt(), 1);
  EXPECT_FALSE(StartedOneOffs(directory_.path()).Contains(Context("step").key));
}

TEST_F(OneOffSteps, ThatStillRunAreNotSweptAway) {
  const std::string id = MakeAndStart(OneOff("sleep 1000"));
  OneOffCleaner cleaner(&engine_, directory_.path());
  ASSERT_TRUE(cleaner.Sweep([](const auto&) { return false; }, test::TestCall()).ok());
  EXPECT_EQ(Inspect(id).observed.state(), "running");
}

TEST_F(OneOffSteps, OfAnotherWorkerAreNotSweptAway) {
  ASSERT_TRUE(Run(OneOff("true")).ok());
  const test::TempDir others;
  ASSERT_TRUE(StartedOneOffs(others.path()).Prepare().ok());
  OneOffCleaner other(&engine_, others.path());
  ASSERT_TRUE(other.Sweep([](const auto&) { return false; }, test::TestCall()).ok());
  EXPECT_TRUE(Exists(ContainerName()));
}

TEST_F(OneOffSteps, AreSweptAwayInTheBackgroundWhenTheirStepIsForgotten) {
  ASSERT_TRUE(Run(OneOff("true")).ok());
  std::atomic<bool> known = true;
  OneOffCleaner cleaner(&engine_, directory_.path());
  cleaner.Start([&known](const auto&) { return known.load(); });
  known = false;
  cleaner.Wake();
  const Call call = test::TestCall();
  while (Exists(ContainerName()) && call.Wait(absl::Milliseconds(20)).ok()) {
  }
  EXPECT_FALSE(Exists(ContainerName()));
}

}  // namespace
}  // namespace davit::steps
