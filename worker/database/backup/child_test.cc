#include "worker/database/backup/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/steady_time.h"
#include "tests/support/temp_dir.h"

namespace davit::database {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

ChildCommand Shell(const std::string& script) { return {.arguments = {"/bin/sh", "-c", script}}; }

std::string ContentOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// One that has ended is a zombie until whoever has inherited it takes notice.
bool Runs(pid_t pid) {
  const std::string status = ContentOf(absl::StrCat("/proc/", pid, "/status"));
  return !status.empty() && !absl::StrContains(status, "State:\tZ");
}

TEST(Child, TellsExitCodeAndWhatItSaidOnStandardError) {
  const auto end = RunChild({}, Shell("echo out; echo wrong >&2; exit 3"));
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->signal, 0);
  EXPECT_EQ(end->error_tail, "wrong\n");
}

TEST(Child, TellsTheSignalThatEndedIt) {
  const auto end = RunChild({}, Shell("kill -9 $$"));
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_FALSE(end->ok());
}

TEST(Child, KeepsTheLastWordsOfManyAndNeverBlocksOnThem) {
  const auto end = RunChild({}, Shell("seq 1 100000 >&2; echo the end >&2"));
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_TRUE(end->ok());
  EXPECT_EQ(end->error_tail.size(), 8192);
  EXPECT_THAT(end->error_tail, EndsWith("100000\nthe end\n"));
}

TEST(Child, HasTheGivenEnvironmentAndNothingElseOfTheWorkers) {
  setenv("DAVIT_WORKERS_OWN", "secret", 1);
  ChildCommand command = Shell("env >&2");
  command.environment = {{"PGHOST", "db.example"}};
  const auto end = RunChild({}, command);
  unsetenv("DAVIT_WORKERS_OWN");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_THAT(end->error_tail, HasSubstr("PGHOST=db.example\n"));
  EXPECT_THAT(end->error_tail, HasSubstr("LC_ALL=C\n"));
  EXPECT_THAT(end->error_tail, Not(HasSubstr("DAVIT_WORKERS_OWN")));
}

TEST(Child, EndsAtTheDeadline) {
  const auto end = RunChild(Call().Within(absl::Milliseconds(50)), Shell("sleep 600"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(end.status())) << end.status();
}

TEST(Child, TakesItsOwnChildrenAlongWhenItIsCancelled) {
  const test::TempDir directory;
  CancelToken cancel;
  ChildCommand command =
      Shell(absl::StrCat("sleep 600 & echo $! > ", directory.File("pid"), "; wait"));
  command.progress = [&] {
    if (absl::StrContains(ContentOf(directory.File("pid")), "\n")) cancel.Cancel();
  };
  const auto end = RunChild({.cancel = &cancel}, command);
  EXPECT_TRUE(absl::IsCancelled(end.status())) << end.status();
  pid_t pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(ContentOf(directory.File("pid")), &pid));
  const absl::Time patience = SteadyNow() + absl::Seconds(10);
  while (Runs(pid) && SteadyNow() < patience) std::this_thread::yield();
  EXPECT_FALSE(Runs(pid));
}

TEST(Child, DoesNotOutliveAWorkerThatIsKilled) {
  const test::TempDir directory;
  const pid_t worker = fork();
  if (worker == 0) {
    const auto end =
        RunChild({}, Shell(absl::StrCat("echo $$ > ", directory.File("pid"), "; exec sleep 600")));
    _exit(end.ok() ? 0 : 1);
  }
  const absl::Time patience = SteadyNow() + absl::Seconds(10);
  const auto told = [&] { return absl::StrContains(ContentOf(directory.File("pid")), "\n"); };
  while (!told() && SteadyNow() < patience) std::this_thread::yield();
  kill(worker, SIGKILL);
  waitpid(worker, nullptr, 0);
  pid_t pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(ContentOf(directory.File("pid")), &pid));
  while (Runs(pid) && SteadyNow() < patience) std::this_thread::yield();
  EXPECT_FALSE(Runs(pid));
}

TEST(Child, DoesNotWaitForWhoeverKeepsItsStandardError) {
  const absl::Time before = SteadyNow();
  const auto end = RunChild(Call().Within(absl::Seconds(60)), Shell("sleep 600 & exit 0"));
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_LT(SteadyNow() - before, absl::Seconds(30));
}

TEST(Child, IsNotStartedWhenThereIsNoSuchProgram) {
  const auto end = RunChild({}, {.arguments = {"/nowhere/pg_dump"}});
  EXPECT_TRUE(absl::IsNotFound(end.status())) << end.status();
  EXPECT_THAT(end.status().message(), HasSubstr("/nowhere/pg_dump"));
}

}  // namespace
}  // namespace davit::database
