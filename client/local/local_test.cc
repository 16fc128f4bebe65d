#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/local/agent_directory.h"
#include "client/local/agent_info.h"
#include "client/local/call_counter.h"
#include "client/local/engine_claim.h"
#include "client/local/health.h"
#include "client/local/idle_monitor.h"
#include "client/local/launcher.h"
#include "client/local/lock_holder.h"
#include "client/local/process.h"
#include "common/failure/failure.h"
#include "common/file_lock.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "tests/support/fake_clock.h"

namespace davit::local {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A directory that is gone after the test.
class LocalTest : public ::testing::Test {
 protected:
  LocalTest() {
    std::string name = "/tmp/davit-local-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~LocalTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

Variable Variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

// Waits for a child that ends by itself.
void AwaitEnd(pid_t child) {
  const auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  ASSERT_GE(descriptor, 0);
  pollfd ends{.fd = descriptor, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&ends, 1, /*timeout_ms=*/20'000), 1);
  close(descriptor);
}

TEST(DefaultAgentDirectory, IsTheOneThatIsNamedBeforeAnyOther) {
  const Variable named = Variables({{"DAVIT_STATE_DIR", "/srv/x/../davit"}, {"HOME", "/home/a"}});
  EXPECT_EQ(DefaultAgentDirectory(named, 0), "/srv/davit");
  EXPECT_EQ(DefaultAgentDirectory(named, 1000), "/srv/davit");
}

TEST(DefaultAgentDirectory, DependsOnTheUser) {
  EXPECT_EQ(DefaultAgentDirectory(Variables({{"HOME", "/root"}}), 0), "/var/lib/davit/agent");
  EXPECT_EQ(DefaultAgentDirectory(Variables({{"HOME", "/home/a"}}), 1000),
            "/home/a/.local/state/davit/agent");
  EXPECT_EQ(DefaultAgentDirectory(Variables({{"XDG_STATE_HOME", "/s"}, {"HOME", "/home/a"}}), 1000),
            "/s/davit/agent");
}

TEST_F(LocalTest, AVariableThatIsNotHeardIsTold) {
  const Variable named = Variables({{"DAVIT_STATE_DIR", directory_}, {"HOME", "/home/a"}});
  const Variable based = Variables({{"XDG_STATE_HOME", "/s"}, {"HOME", "/home/a"}});
  EXPECT_EQ(UnusedDirectoryNotice(named, 0, "/elsewhere"),
            "DAVIT_STATE_DIR is not used: the agent of this Docker Engine lives in /elsewhere, as "
            "its volume davit-agent says");
  EXPECT_THAT(UnusedDirectoryNotice(based, 1000, "/elsewhere").value_or(""),
              HasSubstr("XDG_STATE_HOME is not used"));
  EXPECT_EQ(UnusedDirectoryNotice(named, 0, directory_ + "/."), std::nullopt);
  EXPECT_EQ(UnusedDirectoryNotice(based, 0, "/elsewhere"), std::nullopt) << "root never hears it";
  EXPECT_EQ(UnusedDirectoryNotice(Variables({{"HOME", "/home/a"}}), 1000, "/elsewhere"),
            std::nullopt);
}

TEST_F(LocalTest, AnAgentDirectoryIsMadeForItsOwnerAlone) {
  const std::string made = directory_ + "/a/b";
  ASSERT_TRUE(PrepareAgentDirectory(made).ok());
  struct stat status {};
  ASSERT_EQ(stat(made.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_TRUE(PrepareAgentDirectory(made).ok());
}

TEST_F(LocalTest, ADirectoryThatCannotBeUsedIsAnErrorThatSaysWhy) {
  std::ofstream(directory_ + "/file") << "x";
  const absl::Status status = PrepareAgentDirectory(directory_ + "/file/agent");
  EXPECT_TRUE(IsFailure(status, v1::CONTROLLER_UNREACHABLE));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Not a directory"));
}

TEST_F(LocalTest, ADirectoryWhoseSocketsCouldNotBeNamedIsRefused) {
  const absl::Status status = PrepareAgentDirectory(directory_ + "/" + std::string(90, 'x'));
  EXPECT_THAT(std::string(status.message()), HasSubstr("too long"));
}

TEST(DockerSocket, IsTheOptionThenDockerHostThenDockersOwn) {
  const Variable set = Variables({{"DOCKER_HOST", "unix:///run/user/1000/docker.sock"}});
  EXPECT_EQ(*DockerSocket("/opt/d.sock", set), "/opt/d.sock");
  EXPECT_EQ(*DockerSocket("unix:///opt/d.sock", set), "/opt/d.sock");
  EXPECT_EQ(*DockerSocket("", set), "/run/user/1000/docker.sock");
  EXPECT_EQ(*DockerSocket("", Variables({})), "/var/run/docker.sock");
}

TEST(DockerSocket, RefusesAnEngineOfAnotherMachine) {
  const auto socket = DockerSocket("", Variables({{"DOCKER_HOST", "tcp://10.0.0.1:2375"}}));
  EXPECT_TRUE(IsFailure(socket.status(), v1::SPEC_INVALID));
  EXPECT_THAT(std::string(socket.status().message()), HasSubstr("tcp://10.0.0.1:2375"));
}

TEST(ClaimAgentDirectory, IsDecidedByWhoeverComesFirst) {
  std::optional<Labels> volume;
  const auto create = [&](const Labels& labels) -> absl::StatusOr<Labels> {
    if (!volume) volume = labels;
    return *volume;
  };
  EXPECT_EQ(*ClaimAgentDirectory("/first", create), "/first");
  EXPECT_EQ(*ClaimAgentDirectory("/second", create), "/first");
}

TEST(ClaimAgentDirectory, RefusesAVolumeOfSomebodyElse) {
  const auto create = [](const Labels&) -> absl::StatusOr<Labels> { return Labels{{"a", "b"}}; };
  const auto claimed = ClaimAgentDirectory("/mine", create);
  EXPECT_TRUE(IsFailure(claimed.status(), v1::NAME_IN_USE));
  EXPECT_THAT(FailureOf(claimed.status()).likely_cause(), HasSubstr("another program"));
  // To remove it at once could be to lose what another program keeps there.
  EXPECT_THAT(FailureOf(claimed.status()).next_command(),
              StartsWith("see whose it is with `docker volume inspect davit-agent`"));
}

TEST_F(LocalTest, AClaimThatWasPrunedIsMadeAgain) {
  std::optional<Labels> volume;
  const auto create = [&](const Labels& labels) -> absl::StatusOr<Labels> {
    if (!volume) volume = labels;
    return *volume;
  };
  EXPECT_EQ(ClaimLostTo(directory_, create), std::nullopt);
  EXPECT_EQ(volume, (Labels{{kClaimLabel, directory_}}));
  EXPECT_EQ(ClaimLostTo(directory_, create), std::nullopt);
  EXPECT_EQ(ClaimLostTo(directory_ + "/.", create), std::nullopt) << "it is the same directory";
  EXPECT_EQ(ClaimLostTo("/other", create), directory_);
}

TEST(ClaimLostTo, IsNobodyWhenTheEngineDoesNotSay) {
  const auto silent = [](const Labels&) -> absl::StatusOr<Labels> {
    return absl::DeadlineExceededError("no answer");
  };
  EXPECT_EQ(ClaimLostTo("/mine", silent), std::nullopt);
}

TEST_F(LocalTest, ALockIsStillHeldWhileItsPathNamesTheLockedFile) {
  const std::string path = directory_ + "/lock";
  const auto lock = FileLock::Acquire(path, absl::InfinitePast());
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(lock->StillHeld());
  std::filesystem::remove(path);
  EXPECT_FALSE(lock->StillHeld()) << "the file is gone";
  std::ofstream(path) << "x";
  EXPECT_FALSE(lock->StillHeld()) << "it is another file";
  const auto second = FileLock::Acquire(path, absl::InfinitePast());
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->StillHeld());
}

TEST_F(LocalTest, ALockIsNotHeldAnyMoreWhenItsDirectoryIsGone) {
  ASSERT_TRUE(PrepareAgentDirectory(directory_ + "/a").ok());
  const auto lock = FileLock::Acquire(directory_ + "/a/lock", absl::InfinitePast());
  ASSERT_TRUE(lock.ok());
  std::filesystem::remove_all(directory_ + "/a");
  EXPECT_FALSE(lock->StillHeld());
}

TEST_F(LocalTest, ALockIsHeldByOneAtATimeAndFreeWhenItsHolderIsGone) {
  const std::string path = directory_ + "/lock";
  EXPECT_FALSE(FileLock::IsHeld(path));
  {
    const auto lock = FileLock::Acquire(path, absl::InfinitePast());
    ASSERT_TRUE(lock.ok());
    EXPECT_TRUE(FileLock::IsHeld(path));
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        FileLock::Acquire(path, absl::Now() + absl::Milliseconds(50)).status()));
  }
  EXPECT_FALSE(FileLock::IsHeld(path));
  EXPECT_TRUE(FileLock::Acquire(path, absl::InfinitePast()).ok());
}

TEST_F(LocalTest, AnAgentRunsOnlyWhileItsLockIsHeld) {
  const AgentPaths paths{directory_};
  EXPECT_FALSE(ReadAgentInfo(paths).has_value());
  ASSERT_TRUE(WriteAgentInfo(paths, {.version = "1.2.3", .pid = 42, .docker_socket = "/d"}).ok());
  EXPECT_EQ(ReadAgentInfo(paths)->pid, 42);
  EXPECT_FALSE(RunningAgent(paths).has_value());
  const auto lock = FileLock::Acquire(paths.lock(), absl::InfinitePast());
  ASSERT_TRUE(RunningAgent(paths).has_value());
  EXPECT_EQ(RunningAgent(paths)->version, "1.2.3");
}

TEST_F(LocalTest, TheHolderOfALockIsKnown) {
  const std::string path = directory_ + "/lock";
  EXPECT_FALSE(HoldsLock(getpid(), path));
  const auto lock = FileLock::Acquire(path, absl::InfinitePast());
  ASSERT_TRUE(lock.ok());
  EXPECT_TRUE(HoldsLock(getpid(), path));
  EXPECT_FALSE(HoldsLock(getppid(), path));
  EXPECT_FALSE(HoldsLock(getpid(), directory_));
}

TEST(HoldsLockIn, TakesNoOtherLockForIt) {
  constexpr char kLocks[] =
      "1: POSIX  ADVISORY  WRITE 7 00:2f:12 0 EOF\n"
      "2: FLOCK  ADVISORY  READ  8 00:2f:12 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 9 00:2f:12 0 EOF\n"
      "3: -> FLOCK  ADVISORY  WRITE 10 00:2f:12 0 EOF\n"
      "junk\n";
  EXPECT_TRUE(HoldsLockIn(kLocks, 9, 12));
  EXPECT_FALSE(HoldsLockIn(kLocks, 7, 12)) << "of another kind";
  EXPECT_FALSE(HoldsLockIn(kLocks, 8, 12)) << "shared";
  EXPECT_FALSE(HoldsLockIn(kLocks, 10, 12)) << "waits for it";
  EXPECT_FALSE(HoldsLockIn(kLocks, 9, 2)) << "another file";
}

TEST_F(LocalTest, AProcessThatDoesNotHoldTheAgentsLockIsNotStopped) {
  const AgentPaths paths{directory_};
  const auto child = StartInBackground({.arguments = {"/bin/sh", "-c", "kill -STOP $$"},
                                        .environment = {},
                                        .output_path = directory_ + "/out"});
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(WriteAgentInfo(paths, {.version = "1.2.3", .pid = *child}).ok());
  const auto lock = FileLock::Acquire(paths.lock(), absl::InfinitePast());
  ASSERT_TRUE(lock.ok());
  Launcher launcher({.docker_socket = "/nonexistent", .variable = Variables({})});
  const auto stopped = launcher.Stop(paths);
  EXPECT_TRUE(absl::IsFailedPrecondition(stopped.status())) << stopped.status();
  EXPECT_FALSE(HasEnded(*child));
  kill(*child, SIGKILL);
  AwaitEnd(*child);
  EXPECT_TRUE(HasEnded(*child));
}

TEST_F(LocalTest, ADamagedAgentFileIsNone) {
  const AgentPaths paths{directory_};
  std::ofstream(paths.info()) << "{\"pid\": ";
  EXPECT_FALSE(ReadAgentInfo(paths).has_value());
}

TEST(IsOlderVersion, ComparesNumbersAsNumbers) {
  EXPECT_TRUE(IsOlderVersion("0.9.0", "0.10.0"));
  EXPECT_FALSE(IsOlderVersion("0.10.0", "0.9.0"));
  EXPECT_FALSE(IsOlderVersion("1.0.0", "1.0.0"));
}

class IdleMonitorTest : public ::testing::Test {
 protected:
  test::FakeClock clock_;
  IdleMonitor monitor_{clock_, absl::Seconds(60)};
};

TEST_F(IdleMonitorTest, LetsAnAgentEndThatNobodyEverCalled) {
  EXPECT_FALSE(monitor_.MayEnd(false));
  clock_.Advance(absl::Seconds(60));
  EXPECT_TRUE(monitor_.MayEnd(false));
}

TEST_F(IdleMonitorTest, WaitsForAnOpenCallHoweverLongItTakes) {
  monitor_.CallStarted();
  clock_.Advance(absl::Hours(5));
  EXPECT_FALSE(monitor_.MayEnd(false));
  monitor_.CallEnded();
  clock_.Advance(absl::Seconds(59));
  EXPECT_FALSE(monitor_.MayEnd(false));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(monitor_.MayEnd(false));
}

TEST_F(IdleMonitorTest, CountsFromTheEndOfTheWorkThatGoesOnWithoutACall) {
  clock_.Advance(absl::Hours(1));
  EXPECT_FALSE(monitor_.MayEnd(true));
  clock_.Advance(absl::Seconds(59));
  EXPECT_FALSE(monitor_.MayEnd(false));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(monitor_.MayEnd(false));
}

TEST_F(LocalTest, AServingAgentIsToldFromOneThatIsGone) {
  const std::string socket = directory_ + "/s";
  const auto serves = [&] {
    return IsServing(MakeChannel(UnixAddress(socket)), absl::Now() + absl::Seconds(10));
  };
  EXPECT_FALSE(serves());
  auto server = Server::Start({.listen = {UnixAddress(socket)}});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(serves());
  server->reset();
  EXPECT_FALSE(serves());
}

TEST_F(LocalTest, AServersCallsAreCounted) {
  test::FakeClock clock;
  IdleMonitor monitor(clock, absl::Seconds(60));
  auto server = Server::Start({.listen = {UnixAddress(directory_ + "/s")},
                               .interceptor = [&] { return MakeCallCounter(monitor); }});
  ASSERT_TRUE(server.ok()) << server.status();
  clock.Advance(absl::Seconds(60));
  ASSERT_TRUE(
      IsServing(MakeChannel(UnixAddress(directory_ + "/s")), absl::Now() + absl::Seconds(10)));
  EXPECT_FALSE(monitor.MayEnd(false)) << "a call was made just now";
  (*server)->Shutdown(absl::Now());
  clock.Advance(absl::Seconds(60));
  EXPECT_TRUE(monitor.MayEnd(false)) << "its end was counted too";
}

TEST_F(LocalTest, ABackgroundProcessHasASessionOfItsOwnAndOnlyTheEnvironmentItIsGiven) {
  const std::string output = directory_ + "/out";
  const auto child = StartInBackground(
      {.arguments = {"/bin/sh", "-c",
                     "read -r _ _ _ _ _ session _ </proc/$$/stat; echo $$ $session; pwd; env; "
                     "echo oops >&2"},
       .environment = {"A=b"},
       .output_path = output});
  ASSERT_TRUE(child.ok()) << child.status();
  AwaitEnd(*child);
  EXPECT_TRUE(HasEnded(*child));
  std::ostringstream text;
  text << std::ifstream(output).rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(absl::StrCat(*child, " ", *child, "\n/\n")));
  EXPECT_THAT(text.str(), HasSubstr("A=b\n"));
  EXPECT_THAT(text.str(), ::testing::Not(HasSubstr("HOME=")));
  EXPECT_THAT(text.str(), HasSubstr("\noops\n"));
}

TEST_F(LocalTest, AProgramThatCannotBeStartedEndsAtOnce) {
  const auto child = StartInBackground(
      {.arguments = {"/nonexistent"}, .environment = {}, .output_path = directory_ + "/out"});
  ASSERT_TRUE(child.ok());
  AwaitEnd(*child);
  EXPECT_TRUE(HasEnded(*child));
}

}  // namespace
}  // namespace davit::local
