// A deployment that ends before anything was changed, as each reporter tells it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/output/event_maker.h"
#include "client/output/reporter.h"
#include "client/output/summary.h"
#include "common/failure/failure.h"
#include "tests/support/fake_clock.h"

namespace davit::output {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Failure CheckFailure() {
  v1::Failure failure = MakeFailure(v1::CHECK_FAILED, "check settings exited with 1");
  failure.add_log_tail("?: (security.W018) DEBUG is on");
  return failure;
}

// Files are written, a check fails in the new image, the files are removed again.
class FailedCheck {
 public:
  explicit FailedCheck(Reporter& reporter) : reporter_(reporter) {
    Play(maker_.Deployment(v1::PENDING));
    End(0, "write_files", "write the files of web v3", v1::PREPARE, v1::STEP_SUCCEEDED);
    v1::Event failed = maker_.Failed(1, CheckFailure());
    Describe(failed, "run_one_off", "check settings of web v3", v1::PREPARE);
    Play(failed);
    *maker_.deployment().mutable_failure() = CheckFailure();
    Play(maker_.Deployment(v1::ROLLING_BACK));
    End(2, "remove_files", "remove the files of web v3", v1::ROLLBACK, v1::STEP_SUCCEEDED);
    Play(maker_.Deployment(v1::FAILED));
    reporter_.Finish(model_);
  }

 private:
  static void Describe(v1::Event& event, const std::string& kind, const std::string& title,
                       v1::Phase phase) {
    event.mutable_step()->set_kind(kind);
    event.mutable_step()->set_title(title);
    event.mutable_step()->set_phase(phase);
    *event.mutable_step()->mutable_start_time() = event.step().end_time();
  }
  void End(int index, const std::string& kind, const std::string& title, v1::Phase phase,
           v1::StepState state) {
    v1::Event event = maker_.Step(index, state);
    Describe(event, kind, title, phase);
    Play(event);
  }
  void Play(const v1::Event& event) {
    if (model_.Apply(event)) reporter_.OnEvent(event, model_);
  }

  Reporter& reporter_;
  EventMaker maker_;
  DeploymentModel model_;
};

TEST(PlainReporter, TellsAFailedCheckWithItsLogAndNoRollback) {
  std::ostringstream out;
  const auto reporter = MakePlainReporter(out);
  const FailedCheck check(*reporter);
  EXPECT_EQ(out.str(),
            "+0.0s   deployment d-1: web v3 to dev on 1 host\n"
            "+0.0s   [local] write the files of web v3: done after 0.0s\n"
            "+0.0s   [local] check settings of web v3: FAILED after 0.0s\n"
            "        check settings exited with 1 (CHECK_FAILED)\n"
            "          Last lines of its log:\n"
            "            | ?: (security.W018) DEBUG is on\n"
            "          Likely: the application finds its settings wrong; its last lines say why\n"
            "          Next:   read the log lines above\n"
            "+0.0s   deployment d-1: removing what was prepared\n"
            "+0.0s   [local] remove the files of web v3: done after 0.0s\n"
            "web v3 failed after 0.0s; nothing was changed\n");
}

TEST(TerminalReporter, TellsAFailedCheckWithItsLogAndNoRollback) {
  std::ostringstream out;
  test::FakeClock clock;
  const auto reporter = MakeTerminalReporter(
      out, clock, [] { return TerminalSize{.width = 80, .height = 24}; }, /*color=*/false);
  const FailedCheck check(*reporter);
  for (const char* part :
       {"write the files of web v3", "check settings exited with 1 (CHECK_FAILED)",
        "| ?: (security.W018) DEBUG is on", "! removing what was prepared",
        "remove the files of web v3", "web v3 failed after 0.0s; nothing was changed"}) {
    EXPECT_THAT(out.str(), HasSubstr(part));
  }
  EXPECT_THAT(out.str(), Not(HasSubstr("rolling back")));
}

TEST(GithubReporter, TellsAFailedCheckWithItsLogAndNoRollback) {
  std::ostringstream out;
  std::string summary;
  const auto reporter = MakeGithubReporter(out, [&](const std::string& text) { summary = text; });
  const FailedCheck check(*reporter);
  EXPECT_THAT(out.str(), HasSubstr("::group::prepare\n"));
  EXPECT_THAT(out.str(), HasSubstr("\n::error title=[local] check settings of web v3::check "
                                   "settings exited with 1 (CHECK_FAILED)%0A  Last lines"));
  EXPECT_THAT(out.str(), HasSubstr("::endgroup::\n::group::removing what was prepared\n"));
  EXPECT_THAT(summary, HasSubstr("| check settings of web v3 | local | failed |"));
  EXPECT_THAT(summary, HasSubstr("| ?: (security.W018) DEBUG is on\n"));
}

TEST(FinalLine, SaysThatACancellationOfAPreparationChangedNothing) {
  v1::Deployment deployment;
  deployment.set_state(v1::CANCELLED);
  deployment.add_releases()->set_app("web");
  v1::Step* step = deployment.add_steps();
  step->set_phase(v1::ROLLBACK);
  step->set_kind("remove_files");
  step->set_state(v1::STEP_SUCCEEDED);
  EXPECT_EQ(FinalLine(deployment), "web v0 was cancelled; nothing was changed");
}

}  // namespace
}  // namespace davit::output
