#include "controller/executor/work_queue.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace davit::executor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

core::Input Log(const std::string& text) {
  core::StepLogged logged{1, {}};
  logged.log.set_data(text);
  return logged;
}
core::Input Progress(int64_t done) {
  core::StepProgressed progressed{1, {}};
  progressed.progress.set_done(done);
  return progressed;
}
core::Input Finished(const std::string& step_id) { return core::StepFinished{step_id, 1, {}}; }
Work Cancel(const std::string& id) { return CancelWork{id, "ann@desk", nullptr}; }

// "cancel d-1", "log text", "progress 3", "finished s".
std::string InWords(const Work& work) {
  if (const auto* cancel = std::get_if<CancelWork>(&work)) {
    return absl::StrCat("cancel ", cancel->deployment_id);
  }
  const core::Input& input = std::get<InputWork>(work).input;
  if (const auto* logged = std::get_if<core::StepLogged>(&input)) {
    return absl::StrCat("log ", logged->log.data());
  }
  if (const auto* progressed = std::get_if<core::StepProgressed>(&input)) {
    return absl::StrCat("progress ", progressed->progress.done());
  }
  if (const auto* finished = std::get_if<core::StepFinished>(&input)) {
    return absl::StrCat("finished ", finished->step_id);
  }
  return "other";
}

class WorkQueueTest : public testing::Test {
 protected:
  WorkQueueTest() { queue_.Open(); }

  std::vector<std::string> Pop(int limit = 100) {
    std::vector<std::string> words;
    for (const Work& work : queue_.Pop(limit)) words.push_back(InWords(work));
    return words;
  }
  WorkQueue queue_{4};
};

TEST_F(WorkQueueTest, TakesControlBeforeEverythingThatStepsSay) {
  const auto lane = queue_.OpenLane("d-1", "s");
  queue_.PushStep(*lane, Log("a"));
  queue_.PushStep(*lane, Log("b"));
  queue_.Push(Cancel("d-1"));
  EXPECT_THAT(Pop(), ElementsAre("cancel d-1", "log a", "log b"));
}

TEST_F(WorkQueueTest, LetsTheEndOfAStepPassTheLogsOfOthersButNotItsOwn) {
  const auto loud = queue_.OpenLane("d-1", "loud");
  const auto quiet = queue_.OpenLane("d-2", "quiet");
  queue_.PushStep(*loud, Log("a"));
  queue_.PushStep(*loud, Log("b"));
  queue_.PushStep(*quiet, Log("c"));
  queue_.PushStep(*quiet, Finished("quiet"));
  EXPECT_THAT(Pop(), ElementsAre("log a", "log c", "finished quiet", "log b"));
}

TEST_F(WorkQueueTest, TakesTurnsBetweenSteps) {
  const auto first = queue_.OpenLane("d-1", "s1");
  const auto second = queue_.OpenLane("d-1", "s2");
  queue_.PushStep(*first, Log("a1"));
  queue_.PushStep(*first, Log("a2"));
  queue_.PushStep(*first, Log("a3"));
  queue_.PushStep(*second, Log("b1"));
  EXPECT_THAT(Pop(), ElementsAre("log a1", "log b1", "log a2", "log a3"));
}

TEST_F(WorkQueueTest, KeepsOnlyTheNewestProgress) {
  const auto lane = queue_.OpenLane("d-1", "s");
  for (int done : {1, 2, 3}) queue_.PushStep(*lane, Progress(done));
  queue_.PushStep(*lane, Log("a"));
  queue_.PushStep(*lane, Progress(4));
  EXPECT_THAT(Pop(), ElementsAre("progress 3", "log a", "progress 4"));
}

TEST_F(WorkQueueTest, GivesNoMoreThanIsAskedFor) {
  const auto lane = queue_.OpenLane("d-1", "s");
  queue_.Push(Cancel("d-1"));
  queue_.PushStep(*lane, Log("a"));
  queue_.PushStep(*lane, Log("b"));
  EXPECT_THAT(Pop(2), ElementsAre("cancel d-1", "log a"));
  EXPECT_THAT(Pop(2), ElementsAre("log b"));
}

TEST_F(WorkQueueTest, HoldsUpALogWhenItIsFullAndNothingElse) {
  const auto lane = queue_.OpenLane("d-1", "s");
  for (int i = 0; i < 4; ++i) queue_.PushStep(*lane, Log(absl::StrCat(i)));
  std::thread pusher([&] { queue_.PushStep(*lane, Log("last")); });
  // These return although the queue is full.
  queue_.Push(Cancel("d-1"));
  queue_.PushStep(*queue_.OpenLane("d-1", "other"), Finished("other"));
  std::vector<std::string> words;
  while (words.size() < 7) {
    // Never more than four lines at a time: the fifth has waited.
    const auto popped = Pop();
    int logs = 0;
    for (const std::string& word : popped) logs += word.rfind("log", 0) == 0 ? 1 : 0;
    EXPECT_LE(logs, 4);
    words.insert(words.end(), popped.begin(), popped.end());
  }
  pusher.join();
  EXPECT_THAT(words, ElementsAre("cancel d-1", "finished other", "log 0", "log 1", "log 2", "log 3",
                                 "log last"));
}

TEST_F(WorkQueueTest, GivesABatchOfLogsThatCommitsQuickly) {
  WorkQueue queue(100);
  queue.Open();
  const auto lane = queue.OpenLane("d-1", "s");
  for (int i = 0; i < 40; ++i) queue.PushStep(*lane, Log(std::string(64 << 10, 'x')));
  EXPECT_EQ(queue.Pop(100).size(), 16u);
}

TEST_F(WorkQueueTest, DropsWhatAClosedLaneSays) {
  const auto lane = queue_.OpenLane("d-1", "s");
  queue_.PushStep(*lane, Log("a"));
  queue_.CloseLanes("d-1");
  queue_.PushStep(*lane, Log("b"));
  const auto again = queue_.OpenLane("d-1", "s");
  queue_.PushStep(*again, Log("c"));
  const auto newest = queue_.OpenLane("d-1", "s");
  queue_.PushStep(*again, Log("d"));
  queue_.PushStep(*newest, Log("e"));
  EXPECT_THAT(Pop(), ElementsAre("log e"));
}

TEST_F(WorkQueueTest, ClosesALaneAfterTheEndOfItsStep) {
  const auto lane = queue_.OpenLane("d-1", "s");
  queue_.PushStep(*lane, Finished("s"));
  EXPECT_THAT(Pop(), ElementsAre("finished s"));
  queue_.PushStep(*lane, Log("late"));
  queue_.Push(Cancel("d-1"));
  EXPECT_THAT(Pop(), ElementsAre("cancel d-1"));
}

TEST_F(WorkQueueTest, TakesOnlyStatesFromADeploymentThatHasEnded) {
  const auto lane = queue_.OpenLane("d-1", "s");
  queue_.EndBulk("d-1");
  queue_.PushStep(*lane, Log("a"));
  queue_.PushStep(*lane, Finished("s"));
  EXPECT_THAT(Pop(), ElementsAre("finished s"));
}

TEST_F(WorkQueueTest, WakesEverybodyWhenItIsClosed) {
  const auto lane = queue_.OpenLane("d-1", "s");
  for (int i = 0; i < 4; ++i) queue_.PushStep(*lane, Log("x"));
  std::thread pusher([&] { queue_.PushStep(*lane, Log("waits")); });
  std::thread waiter([&] { EXPECT_TRUE(queue_.AwaitClosed(absl::Seconds(20))); });
  queue_.Push(Cancel("d-1"));
  const std::vector<Work> left = queue_.Close();
  pusher.join();
  waiter.join();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(InWords(left[0]), "cancel d-1");
  EXPECT_THAT(Pop(), IsEmpty());
  EXPECT_FALSE(queue_.Push(Cancel("d-1")));
}

TEST_F(WorkQueueTest, HasRoomAgainForWhatAClosedLaneHeld) {
  const auto full = queue_.OpenLane("d-1", "s");
  for (int i = 0; i < 4; ++i) queue_.PushStep(*full, Log("x"));
  queue_.CloseLanes("d-1");
  const auto lane = queue_.OpenLane("d-2", "s");
  for (int i = 0; i < 4; ++i) queue_.PushStep(*lane, Log("y"));  // waits for ever when it has not
  EXPECT_THAT(Pop(), ElementsAre("log y", "log y", "log y", "log y"));
}

}  // namespace
}  // namespace davit::executor
