// A stop that was given up goes on in the engine: what is put back must outlive it.
#include <thread>

#include "worker/steps/container/lookup.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::StepSpec;

class PutBackTest : public StepsTest {
 protected:
  // A container that says when it is told to end, and then does `then`.
  std::string StartTold(const std::string& then, const std::string& policy, int grace_seconds = 2) {
    worker::v1::ContainerSpec spec =
        Spec({"/bin/sh", "-c",
              absl::StrCat("trap 'echo told; ", then, "' TERM; while :; do sleep 0.1; done")});
    spec.mutable_stop_grace_period()->set_seconds(grace_seconds);
    return Start(Name("web"), spec, policy);
  }
  // Begins to stop it, and gives up. Whether that was while it was ending.
  bool GiveUpAStop(const std::string& id, int grace_seconds) {
    CancelToken token;
    StepContext context = Context("stop");
    context.call.cancel = &token;
    StepSpec stop;
    stop.mutable_stop_container()->set_container_id(id);
    stop.mutable_stop_container()->mutable_grace_period()->set_seconds(grace_seconds);
    absl::Status stopped;
    std::thread step([&] { stopped = Run(stop, context).status(); });
    const Call call = test::TestCall();
    while (Output(id).find("told") == std::string::npos && call.Wait(kSoon).ok()) {
    }
    token.Cancel();
    step.join();
    return absl::IsCancelled(stopped) && Inspect(id).observed.state() == "running";
  }
  // One whose stop was given up while it was ending, after as many seconds as this machine needs
  // for that. `then` has half of the grace period as $half.
  std::string StartAndGiveUp(const std::string& then, const std::string& policy) {
    for (const int grace_seconds : {2, 10, 40}) {
      const std::string half = absl::StrCat("half=", grace_seconds / 2, "; ", then);
      std::string id = StartTold(half, policy, grace_seconds);
      before_ = Inspect(id);
      grace_seconds_ = grace_seconds;
      if (GiveUpAStop(id, grace_seconds)) return id;
      EXPECT_TRUE(engine_.RemoveContainer(id, test::TestCall()).ok());
    }
    ADD_FAILURE() << "it was to be ending still";
    return "";
  }
  StepSpec PutBack(const std::string& id, const std::string& policy) const {
    StepSpec spec;
    spec.mutable_put_back()->set_container_id(id);
    spec.mutable_put_back()->set_name(Name("web"));
    spec.mutable_put_back()->set_restart_policy(policy);
    spec.mutable_put_back()->set_was_running(true);
    return spec;
  }
  // It runs, was started after it had ended, and has not ended once the first stop
  // would have killed it.
  void ExpectStartedAnew(const std::string& id, const std::string& policy) {
    const auto after = Inspect(id);
    EXPECT_EQ(after.observed.state(), "running");
    EXPECT_EQ(after.observed.restart_policy(), policy);
    EXPECT_GT(after.finished_at, before_.finished_at);
    const std::string start = after.observed.start_time().SerializeAsString();
    EXPECT_NE(start, before_.observed.start_time().SerializeAsString());
    const Call call = test::TestCall();
    call.Wait(absl::Seconds(grace_seconds_ + 1)).IgnoreError();
    EXPECT_EQ(Inspect(id).observed.state(), "running");
    EXPECT_EQ(Inspect(id).observed.start_time().SerializeAsString(), start);
  }

  static constexpr absl::Duration kSoon = absl::Milliseconds(20);
  docker::ContainerDetails before_;  // as it was before its stop
  int grace_seconds_ = 0;            // of that
};

TEST_F(PutBackTest, OutlivesAStopThatItsProgramIsAboutToObey) {
  const std::string id = StartAndGiveUp("sleep $half; exit 0", "unless-stopped");
  const auto outputs = Run(PutBack(id, "unless-stopped"), Context("back"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(outputs->container().container_id(), id);
  ExpectStartedAnew(id, "unless-stopped");
  EXPECT_EQ(Inspect(id).restart_count, 0);
}

TEST_F(PutBackTest, OutlivesAStopThatItsProgramIgnores) {
  const std::string id = StartAndGiveUp("true", "no");
  const auto outputs = Run(PutBack(id, "no"), Context("back"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ExpectStartedAnew(id, "no");
}

TEST_F(PutBackTest, LeavesAloneWhatWasNeverToldToStop) {
  const std::string id = Start(Name("web"), Spec(), "always");
  const std::string before = Inspect(id).observed.SerializeAsString();
  const auto outputs = Run(PutBack(id, "always"), Context("back"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ(Inspect(id).observed.SerializeAsString(), before);
}

TEST_F(PutBackTest, DoesNotRestartTwiceWhatItHasStarted) {
  const std::string id = StartTold("exit 0", "always");
  ASSERT_TRUE(engine_.StopContainer(id, absl::ZeroDuration(), test::TestCall()).ok());
  ASSERT_TRUE(engine_.SetRestartPolicy(id, "no", test::TestCall()).ok());
  ASSERT_TRUE(Run(PutBack(id, "always"), Context("back")).ok());
  const std::string before = Inspect(id).observed.SerializeAsString();
  ASSERT_TRUE(Run(PutBack(id, "always"), Context("back")).ok());
  EXPECT_EQ(Inspect(id).observed.SerializeAsString(), before);
}

}  // namespace
}  // namespace davit::steps
