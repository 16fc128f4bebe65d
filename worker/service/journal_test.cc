#include "worker/service/journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/id.h"

namespace davit::service {
namespace {

using ::testing::SizeIs;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() : directory_(std::filesystem::temp_directory_path() / ("davit-" + NewRandomId())) {
    std::filesystem::create_directory(directory_);
  }
  ~JournalTest() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ / "journal.db"; }
  std::unique_ptr<Journal> Open() {
    auto journal = Journal::Open(path());
    EXPECT_TRUE(journal.ok()) << journal.status();
    return *std::move(journal);
  }

  static Intent MakeIntent(const std::string& step_id, int64_t fence = 7) {
    Intent intent;
    intent.key.set_cluster_id("cluster");
    intent.key.set_project("shop");
    intent.key.set_environment("dev");
    intent.key.set_step_id(step_id);
    intent.key.set_attempt(1);
    intent.fence = fence;
    intent.spec.mutable_pull_image()->set_reference("web:1");
    intent.timeout = absl::Seconds(30);
    intent.time = absl::FromUnixMillis(1'700'000'000'123);
    return intent;
  }

  const std::filesystem::path directory_;
};

TEST_F(JournalTest, KeepsItsIdOverARestart) {
  const std::string id = Open()->id();
  EXPECT_THAT(id, SizeIs(32));
  EXPECT_EQ(Open()->id(), id);
}

TEST_F(JournalTest, GetsAnotherIdWhenTheFileWasLost) {
  const std::string id = Open()->id();
  std::filesystem::remove_all(directory_);
  std::filesystem::create_directory(directory_);
  EXPECT_NE(Open()->id(), id);
}

TEST_F(JournalTest, GivesAnIntentBackAsItWasWritten) {
  const Intent intent = MakeIntent("s-01");
  ASSERT_TRUE(Open()->WriteIntent(intent).ok());
  const auto found = Open()->Find(intent.key);
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  const Intent& back = (*found)->intent;
  EXPECT_EQ(back.key.SerializeAsString(), intent.key.SerializeAsString());
  EXPECT_EQ(back.spec.SerializeAsString(), intent.spec.SerializeAsString());
  EXPECT_EQ(back.fence, 7);
  EXPECT_EQ(back.timeout, intent.timeout);
  EXPECT_EQ(back.time, intent.time);
  EXPECT_FALSE((*found)->finished.has_value());
  EXPECT_FALSE((*found)->cancel_requested);
}

TEST_F(JournalTest, SurvivesItsProcessBeingKilled) {
  const pid_t child = fork();
  if (child == 0) {
    auto journal = Journal::Open(path());
    if (!journal.ok() || !(*journal)->WriteIntent(MakeIntent("s-01")).ok()) _exit(1);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child could not write";
  EXPECT_THAT(*Open()->Unacknowledged(""), SizeIs(1));
}

TEST_F(JournalTest, KeepsTheResultUntilItIsAcknowledgedAndThenATombstone) {
  auto journal = Open();
  const Intent intent = MakeIntent("s-01");
  worker::v1::StepFinished finished;
  finished.set_outcome(worker::v1::StepFinished::SUCCEEDED);
  ASSERT_TRUE(journal->WriteIntent(intent).ok());
  ASSERT_TRUE(journal->WriteResult(intent.key, finished).ok());
  EXPECT_EQ((**journal->Find(intent.key)).finished->outcome(), worker::v1::StepFinished::SUCCEEDED);
  EXPECT_FALSE(*journal->IsAcknowledged(intent.key));

  ASSERT_TRUE(journal->Acknowledge({intent.key}).ok());
  ASSERT_TRUE(journal->Acknowledge({intent.key}).ok());
  EXPECT_FALSE(journal->Find(intent.key)->has_value());
  EXPECT_TRUE(*journal->IsAcknowledged(intent.key));
  EXPECT_EQ(*journal->HighestAttempt(intent.key), 1);
  EXPECT_THAT(*journal->Unacknowledged(""), SizeIs(0));
}

TEST_F(JournalTest, WritesAnIntentAndWhatItAcknowledgesTogetherOrNotAtAll) {
  auto journal = Open();
  const Intent first = MakeIntent("s-01");
  const Intent second = MakeIntent("s-02");
  ASSERT_TRUE(journal->WriteIntent(first).ok());
  ASSERT_TRUE(journal->WriteIntent(second, {first.key}).ok());
  EXPECT_TRUE(*journal->IsAcknowledged(first.key));
  EXPECT_FALSE(journal->WriteIntent(second, {second.key}).ok());  // there already
  EXPECT_FALSE(*journal->IsAcknowledged(second.key));
}

TEST_F(JournalTest, RefusesAResultForAStepItDoesNotKnow) {
  EXPECT_FALSE(Open()->WriteResult(MakeIntent("s-01").key, {}).ok());
}

TEST_F(JournalTest, RefusesTheSameIntentTwice) {
  auto journal = Open();
  ASSERT_TRUE(journal->WriteIntent(MakeIntent("s-01")).ok());
  EXPECT_FALSE(journal->WriteIntent(MakeIntent("s-01")).ok());
}

TEST_F(JournalTest, RemembersThatAStepIsToBeCancelled) {
  const Intent intent = MakeIntent("s-01");
  ASSERT_TRUE(Open()->WriteIntent(intent).ok());
  ASSERT_TRUE(Open()->WriteCancelRequest(intent.key).ok());
  EXPECT_TRUE((**Open()->Find(intent.key)).cancel_requested);
}

TEST_F(JournalTest, ListsStepsOldestFirstAndByCluster) {
  auto journal = Open();
  Intent other = MakeIntent("s-03");
  other.key.set_cluster_id("other");
  for (const Intent& intent : {MakeIntent("s-02"), MakeIntent("s-01"), other}) {
    ASSERT_TRUE(journal->WriteIntent(intent).ok());
  }
  const auto steps = *journal->Unacknowledged("cluster");
  ASSERT_THAT(steps, SizeIs(2));
  EXPECT_EQ(steps[0].intent.key.step_id(), "s-02");
  EXPECT_EQ(steps[1].intent.key.step_id(), "s-01");
  EXPECT_THAT(*journal->Unacknowledged(""), SizeIs(3));
}

TEST_F(JournalTest, DropsTombstonesUnderALowerFenceOnly) {
  auto journal = Open();
  const Intent acknowledged = MakeIntent("s-01"), open = MakeIntent("s-02");
  Intent elsewhere = MakeIntent("s-03");
  elsewhere.key.set_environment("production");
  for (const Intent& intent : {acknowledged, open, elsewhere}) {
    ASSERT_TRUE(journal->WriteIntent(intent).ok());
  }
  ASSERT_TRUE(journal->Acknowledge({acknowledged.key}).ok());
  ASSERT_TRUE(journal->Acknowledge({elsewhere.key}).ok());

  ASSERT_TRUE(journal->RaiseFence(ScopeOf(open.key), {7, "d-1"}).ok());
  EXPECT_TRUE(*journal->IsAcknowledged(acknowledged.key));
  ASSERT_TRUE(journal->RaiseFence(ScopeOf(open.key), {8, "d-1"}).ok());
  EXPECT_FALSE(*journal->IsAcknowledged(acknowledged.key));
  EXPECT_TRUE(journal->Find(open.key)->has_value());
  EXPECT_TRUE(*journal->IsAcknowledged(elsewhere.key));
}

// Its controller has gone on without it, and would be refused.
TEST_F(JournalTest, DropsAResultThatNobodyCanAskForAnyMore) {
  auto journal = Open();
  const Intent ended = MakeIntent("s-01"), running = MakeIntent("s-02");
  for (const Intent& intent : {ended, running}) ASSERT_TRUE(journal->WriteIntent(intent).ok());
  ASSERT_TRUE(journal->WriteResult(ended.key, worker::v1::StepFinished()).ok());
  ASSERT_TRUE(journal->RaiseFence(ScopeOf(ended.key), {ended.fence, "d-1"}).ok());
  EXPECT_TRUE(journal->Find(ended.key)->has_value());
  ASSERT_TRUE(journal->RaiseFence(ScopeOf(ended.key), {ended.fence + 1, "d-1"}).ok());
  EXPECT_FALSE(journal->Find(ended.key)->has_value());
  EXPECT_TRUE(journal->Find(running.key)->has_value());
}

TEST_F(JournalTest, KeepsTheHighestFenceOfEachEnvironment) {
  const Scope dev{"cluster", "shop", "dev"}, production{"cluster", "shop", "production"};
  ASSERT_TRUE(Open()->RaiseFence(dev, {8, "d-1"}).ok());
  ASSERT_TRUE(Open()->RaiseFence(dev, {3, "d-1"}).ok());
  EXPECT_EQ(Open()->HighestFence(dev)->number, 8);
  EXPECT_EQ(Open()->HighestFence(production)->number, 0);
}

TEST_F(JournalTest, ListsTheFencesOfACluster) {
  auto journal = Open();
  ASSERT_TRUE(journal->RaiseFence({"cluster", "shop", "production"}, {3, "d-1"}).ok());
  ASSERT_TRUE(journal->RaiseFence({"cluster", "shop", "dev"}, {8, "d-1"}).ok());
  ASSERT_TRUE(journal->RaiseFence({"other", "shop", "dev"}, {9, "d-1"}).ok());
  const auto fences = *journal->Fences("cluster");
  ASSERT_THAT(fences, SizeIs(2));
  EXPECT_EQ(fences[0].environment(), "dev");
  EXPECT_EQ(fences[0].fence(), 8);
  EXPECT_EQ(fences[1].environment(), "production");
}

TEST_F(JournalTest, FollowsTheFirstControllerForGood) {
  EXPECT_EQ(*Open()->Followed("cluster"), "");
  ASSERT_TRUE(Open()->Follow("cluster", "first").ok());
  ASSERT_TRUE(Open()->Follow("cluster", "second").ok());
  EXPECT_EQ(*Open()->Followed("cluster"), "first");
  EXPECT_EQ(*Open()->Followed("other"), "");
}

TEST_F(JournalTest, DisownsWhatWasBegunForAnotherController) {
  auto journal = Open();
  Intent elsewhere = MakeIntent("s-02");
  elsewhere.key.set_cluster_id("other");
  const Intent before = MakeIntent("s-01"), after = MakeIntent("s-03");
  ASSERT_TRUE(journal->Follow("cluster", "first").ok());
  ASSERT_TRUE(journal->WriteIntent(before).ok());
  ASSERT_TRUE(journal->WriteIntent(elsewhere).ok());
  ASSERT_TRUE(journal->Adopt("cluster", "second").ok());
  ASSERT_TRUE(journal->WriteIntent(after).ok());
  ASSERT_TRUE(journal->Adopt("cluster", "second").ok());
  journal.reset();
  journal = Open();
  EXPECT_EQ(*journal->Followed("cluster"), "second");
  EXPECT_TRUE((**journal->Find(before.key)).disowned);
  EXPECT_FALSE((**journal->Find(elsewhere.key)).disowned);
  EXPECT_FALSE((**journal->Find(after.key)).disowned) << "it was followed already";
}

TEST_F(JournalTest, TakesAnIntentBack) {
  auto journal = Open();
  ASSERT_TRUE(journal->WriteIntent(MakeIntent("s-01")).ok());
  ASSERT_TRUE(journal->Withdraw(MakeIntent("s-01").key).ok());
  EXPECT_EQ(*journal->HighestAttempt(MakeIntent("s-01").key), 0);
  EXPECT_TRUE(journal->WriteIntent(MakeIntent("s-01")).ok());
}

// Takes everything away that came after the first version.
void MakeFirstVersion(const std::string& path) {
  SQLite::Database database(path, SQLite::OPEN_READWRITE);
  database.exec("ALTER TABLE fence DROP COLUMN deployment_id;");
  database.exec("DROP TABLE followed; ALTER TABLE step DROP COLUMN disowned;");
  database.exec("PRAGMA user_version = 1");
}

TEST_F(JournalTest, GoesOnWithOneOfAnOlderVersion) {
  const Intent intent = MakeIntent("s-01");
  std::string id;
  {
    auto journal = Open();
    id = journal->id();
    ASSERT_TRUE(journal->WriteIntent(intent).ok());
    ASSERT_TRUE(journal->RaiseFence(ScopeOf(intent.key), {7, "d-1"}).ok());
  }
  MakeFirstVersion(path());
  auto journal = Open();
  EXPECT_EQ(journal->id(), id);
  EXPECT_EQ(journal->HighestFence(ScopeOf(intent.key))->number, 7);
  ASSERT_TRUE(journal->Find(intent.key)->has_value());
  EXPECT_FALSE((**journal->Find(intent.key)).disowned);
  EXPECT_TRUE(journal->Follow("cluster", "first").ok());
}

TEST_F(JournalTest, RefusesOneOfANewerVersion) {
  Open();
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA user_version = 1000");
  }
  EXPECT_EQ(Journal::Open(path()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(JournalTest, IsOpenInOneWorkerAtATime) {
  auto journal = Open();
  const auto second = Journal::Open(path());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
}

TEST_F(JournalTest, SaysSoWhenTheFileIsNoJournal) {
  std::ofstream(path()) << std::string(4096, 'x');
  EXPECT_EQ(Journal::Open(path()).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace davit::service
