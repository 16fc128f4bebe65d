#include "client/output/reporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/output/event_maker.h"
#include "client/output/live_block.h"
#include "client/output/step_text.h"
#include "client/output/text.h"
#include "tests/support/fake_clock.h"

namespace davit::output {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Feeds a reporter from a journal.
class Player {
 public:
  void Play(Reporter& reporter, const v1::Event& event) {
    if (model.Apply(event)) reporter.OnEvent(event, model);
  }
  // A deployment whose health check fails.
  void PlayFailure(Reporter& reporter) {
    Play(reporter, maker.Deployment(v1::PENDING));
    Play(reporter, maker.Planned(3));
    Play(reporter, maker.Deployment(v1::RUNNING));
    Play(reporter, maker.Step(1, v1::STEP_STARTED));
    maker.Pass(absl::Milliseconds(400));
    Play(reporter, maker.Step(1, v1::STEP_SUCCEEDED));
    Play(reporter, maker.Step(2, v1::STEP_STARTED));
    Play(reporter, maker.Log(2, "boot \x1b[2Jdone\n::error::no\n"));
    maker.Pass(absl::Seconds(8));
    Play(reporter, maker.Failed(2, HealthFailure()));
    *maker.deployment().mutable_failure() = HealthFailure();
    Play(reporter, maker.Deployment(v1::ROLLING_BACK));
    maker.Pass(absl::Seconds(1));
    Play(reporter, maker.Deployment(v1::ROLLED_BACK));
    reporter.Finish(model);
  }

  EventMaker maker;
  DeploymentModel model;
};

TEST(PlainReporter, TellsEachChangeOfStateOnALineOfItsOwn) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakePlainReporter(out);
  player.PlayFailure(*reporter);
  EXPECT_EQ(out.str(),
            "+0.0s   deployment d-1: web v3 to dev on 1 host\n"
            "+0.0s   planned 3 steps\n"
            "+0.0s   deployment d-1: running\n"
            "+0.0s   [local] start web v3: started\n"
            "+0.4s   [local] start web v3: done after 0.4s\n"
            "+0.4s   [local] check health of web v3: started\n"
            "+0.4s   [local] check health of web v3 | boot done\n"
            "        [local] check health of web v3 | ::error::no\n"
            "+8.4s   [local] check health of web v3: FAILED after 8.0s\n"
            "        GET /health answered 500, wanted 200-399 (HEALTH_STATUS)\n"
            "          - 12 probes in 8.0s\n"
            "          Likely: the application is broken\n"
            "          Next:   read the log lines above\n"
            "+8.4s   deployment d-1: rolling back\n"
            "web v3 failed and was rolled back to v2 after 9.4s\n");
}

TEST(PlainReporter, TellsProgressEveryTenSecondsAtMost) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakePlainReporter(out);
  player.Play(*reporter, player.maker.Planned(1));
  player.Play(*reporter, player.maker.Step(0, v1::STEP_STARTED));
  for (int second = 1; second <= 20; ++second) {
    player.maker.Pass(absl::Seconds(1));
    player.Play(*reporter,
                player.maker.Progress(0, "download", int64_t{second} * 1'000'000, 40'000'000));
  }
  EXPECT_EQ(out.str(),
            "+0.0s   planned 1 step\n"
            "+0.0s   [local] pull web v3: started\n"
            "+10.0s  [local] pull web v3: download 10.0 MB of 40.0 MB (25%), 1.0 MB/s\n"
            "+20.0s  [local] pull web v3: download 20.0 MB of 40.0 MB (50%), 1.0 MB/s\n");
}

TEST(PlainReporter, TellsProgressThatSaysNothingNewOnce) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakePlainReporter(out);
  player.Play(*reporter, player.maker.Planned(1));
  player.Play(*reporter, player.maker.Step(0, v1::STEP_STARTED));
  for (int i = 0; i < 3; ++i) {
    player.maker.Pass(absl::Seconds(20));
    v1::Event event = player.maker.Progress(0, "waiting", 0, 0);
    event.mutable_progress()->clear_unit();
    player.Play(*reporter, event);
  }
  EXPECT_EQ(out.str(),
            "+0.0s   planned 1 step\n"
            "+0.0s   [local] pull web v3: started\n"
            "+20.0s  [local] pull web v3: waiting\n");
}

TEST(PlainReporter, ShowsTheLogOfAFailureThatWasNotShownBefore) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakePlainReporter(out);
  player.Play(*reporter, player.maker.Planned(3));
  player.Play(*reporter, player.maker.Step(2, v1::STEP_STARTED));
  player.Play(*reporter, player.maker.Log(2, "something else\n"));
  player.Play(*reporter, player.maker.Failed(2, HealthFailure()));
  EXPECT_THAT(out.str(), HasSubstr("Last lines of its log:\n            | boot done\n"));
}

TEST(ProgressText, DoesNotCountWhatThePhaseCountsAlready) {
  Activity activity;
  activity.progress.set_phase("probe 3 of 20: refused");
  activity.progress.set_done(3);
  activity.progress.set_total(20);
  activity.progress.set_unit("probes");
  EXPECT_EQ(ProgressText(activity), "probe 3 of 20: refused");
  activity.progress.set_phase("waiting");
  EXPECT_EQ(ProgressText(activity), "waiting 3 of 20 probes");
}

TEST(PlainReporter, ShowsAFailureThatNoStepHadAtTheEnd) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakePlainReporter(out);
  *player.maker.deployment().mutable_failure() = HealthFailure();
  player.Play(*reporter, player.maker.Deployment(v1::FAILED));
  reporter->Finish(player.model);
  EXPECT_THAT(out.str(), HasSubstr("error: GET /health answered 500"));
}

TEST(AnyReporter, TakesAReplayedEventOnce) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakePlainReporter(out);
  const v1::Event event = player.maker.Deployment(v1::PENDING);
  player.Play(*reporter, event);
  const std::string once = out.str();
  player.Play(*reporter, event);
  EXPECT_EQ(out.str(), once);
}

TEST(QuietReporter, ShowsFailuresAndTheEndOnly) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakeQuietReporter(out, 0);
  player.PlayFailure(*reporter);
  EXPECT_THAT(out.str(), StartsWith("[local] check health of web v3: GET /health answered 500"));
  EXPECT_THAT(out.str(), EndsWith("rolled back to v2 after 9.4s\n"));
}

TEST(QuietReporter, BreaksLinesBetweenWords) {
  std::ostringstream out;
  Player player;
  const auto reporter = MakeQuietReporter(out, 40);
  player.PlayFailure(*reporter);
  EXPECT_EQ(out.str(),
            "[local] check health of web v3: GET\n"
            "/health answered 500, wanted 200-399\n"
            "(HEALTH_STATUS)\n"
            "  - 12 probes in 8.0s\n"
            "  Last lines of its log:\n"
            "    | boot done\n"
            "  Likely: the application is broken\n"
            "  Next:   read the log lines above\n"
            "web v3 failed and was rolled back to v2\n"
            "after 9.4s\n");
}

TEST(JsonReporter, WritesOneEventALineWithTheNamesOfTheProto) {
  std::ostringstream out;
  std::ostringstream notices;
  Player player;
  const auto reporter = MakeJsonReporter(out, notices);
  player.Play(*reporter, player.maker.Deployment(v1::PENDING));
  reporter->OnNotice("asking again");
  player.Play(*reporter, player.maker.Log(0, "x"));
  reporter->Finish(player.model);
  EXPECT_EQ(out.str(),
            R"({"deployment_id":"d-1","sequence":"1","time":"2023-11-14T22:13:20Z","deployment":)"
            R"({"id":"d-1","environment":"dev","releases":[{"app":"web","number":"3",)"
            R"("replaces":"2"}],"hosts":["local"],"state":"PENDING",)"
            R"("create_time":"2023-11-14T22:13:20Z"}})"
            "\n"
            R"({"deployment_id":"d-1","sequence":"2","time":"2023-11-14T22:13:20Z",)"
            R"("log":{"step_id":"d-1-01","data":"eA=="}})"
            "\n");
  EXPECT_EQ(notices.str(), "asking again\n");
}

TEST(GithubReporter, GroupsByPhaseAnnotatesAndLetsNoLogLineGiveCommands) {
  std::ostringstream out;
  std::string summary;
  Player player;
  const auto reporter = MakeGithubReporter(out, [&](const std::string& text) { summary = text; });
  player.PlayFailure(*reporter);
  EXPECT_THAT(out.str(), HasSubstr("::group::release\n+0.0s   [local] start web v3: started\n"));
  EXPECT_THAT(out.str(), HasSubstr("\n::error title=[local] check health of web v3::GET /health "
                                   "answered 500, wanted 200-399 (HEALTH_STATUS)%0A  - 12 probes"));
  EXPECT_THAT(out.str(), HasSubstr("::endgroup::\nweb v3 failed and was rolled back"));
  EXPECT_THAT(out.str(), Not(HasSubstr("::error::no")));
  EXPECT_THAT(summary, StartsWith("### ⚠️ web v3 failed and was rolled back to v2"));
  EXPECT_THAT(summary, HasSubstr("| start web v3 | local | succeeded | 0.4s |\n"));
  EXPECT_THAT(summary, HasSubstr("\n```text\nGET /health answered 500"));
}

TEST(GithubReporter, NamesTheGroupOfARollbackAfterWhatIsTakenBack) {
  std::ostringstream out;
  Player player;
  player.maker.deployment().mutable_releases(0)->set_image_reference("shop/web:1.4.0");
  const auto reporter = MakeGithubReporter(out, [](const std::string&) {});
  player.PlayFailure(*reporter);
  EXPECT_THAT(out.str(), HasSubstr("::endgroup::\n::group::rollback of web v3 (tag 1.4.0)\n"
                                   "+8.4s   deployment d-1: rolling back\n::endgroup::\n"));
}

TEST(GithubReporter, LetsNoLogLineEndTheBlockOfTheSummary) {
  std::ostringstream out;
  std::string summary;
  Player player;
  const auto reporter = MakeGithubReporter(out, [&](const std::string& text) { summary = text; });
  v1::Failure failure = HealthFailure();
  failure.add_log_tail("````");
  failure.add_log_tail("# not a heading");
  *player.maker.deployment().mutable_failure() = failure;
  player.Play(*reporter, player.maker.Deployment(v1::FAILED));
  reporter->Finish(player.model);
  EXPECT_THAT(summary, HasSubstr("\n`````text\nGET /health answered 500"));
  EXPECT_THAT(summary, EndsWith("\n`````\n"));
}

TEST(ProgressBar, FillsFromTheLeft) {
  EXPECT_EQ(ProgressBar(0, 100, 12), "[>         ]");
  EXPECT_EQ(ProgressBar(50, 100, 12), "[=====>    ]");
  EXPECT_EQ(ProgressBar(100, 100, 12), "[==========]");
  EXPECT_EQ(ProgressBar(200, 100, 12), "[==========]");
  EXPECT_EQ(ProgressBar(5, 0, 12), "");
}

class LiveBlockTest : public ::testing::Test {
 protected:
  void Apply(const v1::Event& event) { model_.Apply(event); }
  std::vector<std::string> Block(TerminalSize size) {
    return LiveBlock(model_, maker_.now(), 0, size, Style{.unicode = true});
  }

  EventMaker maker_;
  DeploymentModel model_;
};

TEST_F(LiveBlockTest, HasALineForEachRunningStepAndItsLogUnderIt) {
  Apply(maker_.Planned(3));
  Apply(maker_.Step(0, v1::STEP_STARTED));
  Apply(maker_.Step(1, v1::STEP_STARTED));
  Apply(maker_.Log(1, "one\ntwo\nthree\nfour\n"));
  maker_.Pass(absl::Seconds(2));
  Apply(maker_.Progress(0, "download", 0, 40'000'000));
  maker_.Pass(absl::Seconds(2));
  Apply(maker_.Progress(0, "download", 10'000'000, 40'000'000));
  EXPECT_THAT(Block({.width = 100, .height = 24}),
              ElementsAre("⠋ local  pull web v3  4.0s  [=====>              ]  "
                          "download 10.0 MB of 40.0 MB (25%), 5.0 MB/s",
                          "⠋ local  start web v3  4.0s", "  │ two", "  │ three", "  │ four"));
}

TEST_F(LiveBlockTest, NeverFillsTheLastColumn) {
  Apply(maker_.Planned(1));
  Apply(maker_.Step(0, v1::STEP_STARTED));
  Apply(maker_.Progress(0, "download", 1, 40'000'000));
  Apply(maker_.Log(0, std::string(300, 'x')));
  for (int width = 20; width < 120; ++width) {
    for (const std::string& line : Block({.width = width, .height = 24})) {
      EXPECT_LT(DisplayWidth(line), width) << line;
    }
  }
}

TEST_F(LiveBlockTest, IsNeverTallerThanTheScreen) {
  Apply(maker_.Planned(3));
  for (int i = 0; i < 3; ++i) {
    Apply(maker_.Step(i, v1::STEP_STARTED));
    Apply(maker_.Log(i, "one\ntwo\nthree\n"));
  }
  for (int height = 3; height < 20; ++height) {
    EXPECT_LE(Block({.width = 80, .height = height}).size(), static_cast<size_t>(height - 1));
  }
  EXPECT_EQ(Block({.width = 80, .height = 4}).back(), "  … and 2 more");
}

class TerminalReporterTest : public ::testing::Test {
 protected:
  std::string Taken() {
    const std::string text = out_.str();
    out_.str("");
    return text;
  }

  std::ostringstream out_;
  test::FakeClock clock_{absl::FromUnixSeconds(EventMaker::kBegin)};
  Player player_;
  std::unique_ptr<Reporter> reporter_ = MakeTerminalReporter(
      out_, clock_, [] { return TerminalSize{.width = 60, .height = 24}; }, /*color=*/false);
};

TEST_F(TerminalReporterTest, RedrawsARunningStepInPlaceAndLetsItScrollWhenItEnds) {
  player_.Play(*reporter_, player_.maker.Planned(3));
  EXPECT_EQ(Taken(), "");
  player_.Play(*reporter_, player_.maker.Step(1, v1::STEP_STARTED));
  EXPECT_EQ(Taken(), "\x1b[?25l⠋ local  start web v3  0.0s\n");
  clock_.Advance(absl::Milliseconds(500));
  reporter_->Tick(player_.model);
  EXPECT_EQ(Taken(), "\x1b[?25l\x1b[1A\r\x1b[J⠙ local  start web v3  0.5s\n");
  player_.maker.Pass(absl::Milliseconds(700));
  player_.Play(*reporter_, player_.maker.Step(1, v1::STEP_SUCCEEDED));
  EXPECT_EQ(Taken(), "\x1b[1A\r\x1b[J✓ local  start web v3  0.7s\n\x1b[?25h");
}

TEST_F(TerminalReporterTest, GivesTheCursorBackWhenTheWatchingEndsEarly) {
  player_.Play(*reporter_, player_.maker.Planned(3));
  player_.Play(*reporter_, player_.maker.Step(1, v1::STEP_STARTED));
  Taken();
  reporter_->Finish(player_.model);
  EXPECT_EQ(Taken(), "\x1b[1A\r\x1b[J\x1b[?25h");
}

TEST_F(TerminalReporterTest, GivesTheCursorBackWhenItIsDestroyed) {
  player_.Play(*reporter_, player_.maker.Planned(3));
  player_.Play(*reporter_, player_.maker.Step(1, v1::STEP_STARTED));
  reporter_.reset();
  EXPECT_THAT(out_.str(), EndsWith("\x1b[?25h"));
}

TEST_F(TerminalReporterTest, ShowsAFailureWithWhatNextAndTheEnd) {
  player_.PlayFailure(*reporter_);
  const std::string text = Taken();
  EXPECT_THAT(text, HasSubstr("✗ local  check health of web v3  8.0s\n"
                              "  GET /health answered 500, wanted 200-399 (HEALTH_STATUS)\n"
                              "    • 12 probes in 8.0s\n"));
  EXPECT_THAT(text, HasSubstr("  Next:   read the log lines above\n"));
  EXPECT_THAT(text, EndsWith("✗ web v3 failed and was rolled back to v2 after 9.4s\n"));
}

TEST(NarrowTerminal, GetsLinesThatAreBrokenBetweenWords) {
  std::ostringstream out;
  const test::FakeClock clock(absl::FromUnixSeconds(EventMaker::kBegin));
  Player player;
  player.maker.deployment().set_id("d-01m886ewqnq2vha555v1");
  const auto reporter = MakeTerminalReporter(
      out, clock, [] { return TerminalSize{.width = 32, .height = 24}; }, /*color=*/false);
  player.PlayFailure(*reporter);
  reporter->OnNotice("the controller's answer broke off; asking again");
  EXPECT_THAT(out.str(), HasSubstr("web v3 to dev on 1 host\n  d-01m886ewqnq2vha555v1\n"));
  EXPECT_THAT(out.str(), HasSubstr("  GET /health answered 500,\n"
                                   "  wanted 200-399\n"
                                   "  (HEALTH_STATUS)\n"));
  EXPECT_THAT(out.str(), HasSubstr("✗ web v3 failed and was rolled\n  back to v2 after 9.4s\n"));
  EXPECT_THAT(out.str(), EndsWith("! the controller's answer broke\n  off; asking again\n"));
}

}  // namespace
}  // namespace davit::output
