#include <gmock/gmock.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/daemon/certificate_watch.h"
#include "common/daemon/core_files.h"
#include "common/daemon/end_signals.h"
#include "common/daemon/log.h"
#include "common/daemon/refusal_log.h"
#include "common/daemon/service_manager.h"
#include "common/daemon/serving.h"
#include "common/daemon/state_directory.h"
#include "tests/support/temp_dir.h"

namespace davit {
namespace {

using ::testing::HasSubstr;

std::optional<std::string> NoVariable(const std::string&) { return std::nullopt; }

TEST(StateDirectory, IsMadeForItsOwnerAlone) {
  const test::TempDir directory;
  const auto state = StateDirectory::Take(directory.File("a/b"), absl::Now());
  ASSERT_TRUE(state.ok()) << state.status();
  struct stat status {};
  ASSERT_EQ(stat(state->path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST(StateDirectory, IsUsedByOneAtATime) {
  const test::TempDir directory;
  {
    const auto first = StateDirectory::Take(directory.File("state"), absl::Now());
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = StateDirectory::Take(directory.File("state"), absl::Now());
    EXPECT_TRUE(absl::IsAlreadyExists(second.status()));
    EXPECT_THAT(
        std::string(second.status().message()),
        HasSubstr(absl::StrCat("another process, ", getpid(), ", uses ", directory.File("state"))));
  }
  EXPECT_TRUE(StateDirectory::Take(directory.File("state"), absl::Now()).ok());
}

TEST(StateDirectory, SaysWhyItCannotBeMade) {
  const test::TempDir directory;
  directory.Write("file", "");
  const auto state = StateDirectory::Take(directory.File("file/state"), absl::Now());
  EXPECT_THAT(std::string(state.status().message()), HasSubstr(directory.File("file/state")));
}

TEST(CertificateWatch, WarnsOnceADayInTheLastThirtyDays) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  CertificateWatch watch("/tls.crt", start + absl::Hours(24 * 31));
  EXPECT_FALSE(watch.Look(start));
  EXPECT_TRUE(watch.Look(start + absl::Hours(25)));
  EXPECT_FALSE(watch.Look(start + absl::Hours(26)));
  EXPECT_TRUE(watch.Look(start + absl::Hours(50)));
  EXPECT_TRUE(watch.Look(start + absl::Hours(24 * 40)));
}

// Whether a process that has called it leaves a core, in its exit code.
[[noreturn]] void ExitWithCores() {
  LeaveNoCores();
  rlimit limit{1, 1};
  getrlimit(RLIMIT_CORE, &limit);
  const bool none = limit.rlim_cur == 0 && limit.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0;
  std::_Exit(none ? EXIT_SUCCESS : EXIT_FAILURE);
}

TEST(CoreFiles, AreLeftByNoProcessThatHasSecrets) {
  EXPECT_EXIT(ExitWithCores(), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(EndSignals, AreWaitedFor) {
  BlockEndSignals();
  EXPECT_FALSE(WasToldToEnd(absl::ZeroDuration()));
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_TRUE(WasToldToEnd(absl::Seconds(10)));
}

TEST(Log, IsTheJournalsOnlyWhereStderrIs) {
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  EXPECT_TRUE(IsJournal(absl::StrCat(status.st_dev, ":", status.st_ino)));
  EXPECT_FALSE(IsJournal("1:2"));
  EXPECT_FALSE(IsJournal(""));
}

TEST(Log, HasTimeAndLevelForPeopleAndPrioritiesForTheJournal) {
  OpenLog("warning", NoVariable);
  testing::internal::CaptureStderr();
  spdlog::warn("plain");
  spdlog::info("too little");
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              ::testing::MatchesRegex("[0-9-]+T[0-9:.]+[+-][0-9:]+ warning plain\n"));
  testing::internal::CaptureStderr();
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  const std::string stream = absl::StrCat(status.st_dev, ":", status.st_ino);
  OpenLog("info", [&](const std::string&) { return stream; });
  spdlog::error("bad");
  spdlog::info("good");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "<3>bad\n<6>good\n");
}

TEST(RefusalLog, CannotFillTheDisk) {
  OpenLog("info", NoVariable);
  testing::internal::CaptureStderr();
  RefusalLog log;
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  for (int i = 0; i < 1000; ++i) log.Write({false, absl::StrCat("refused ", i)}, start);
  log.Write({false, "refused at last"}, start + absl::Minutes(1));
  log.TellLeftOut();
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 20 + 1 + 1);
  EXPECT_THAT(written, HasSubstr(" warning refused 19\n"));
  EXPECT_THAT(written, HasSubstr(" warning refused 980 more times, "));
  EXPECT_THAT(written, HasSubstr(" warning refused at last\n"));
}

TEST(RefusalLog, TellsWhoHungUpForDebuggingOnly) {
  testing::internal::CaptureStderr();
  RefusalLog log;
  for (const char* level : {"info", "debug"}) {
    OpenLog(level, NoVariable);
    log.Write({true, absl::StrCat("gone at ", level)}, absl::FromUnixSeconds(1));
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              ::testing::MatchesRegex("[^ ]+ debug gone at debug\n"));
}

TEST(ServiceManager, HearsThatTheDaemonIsReady) {
  const test::TempDir directory;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = directory.File("notify");
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listener = socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  NotifyReady("serves");
  NotifyStopping();
  unsetenv("NOTIFY_SOCKET");
  char text[200] = {};
  ASSERT_GT(recv(listener, text, sizeof(text) - 1, MSG_DONTWAIT), 0);
  EXPECT_STREQ(text, "READY=1\nSTATUS=serves");
  std::fill(std::begin(text), std::end(text), 0);
  ASSERT_GT(recv(listener, text, sizeof(text) - 1, MSG_DONTWAIT), 0);
  EXPECT_STREQ(text, "STOPPING=1");
  close(listener);
}

TEST(Serving, MakesTheSocketsDirectoryAndTakesModeAndGroup) {
  const test::TempDir directory;
  config::v1::WorkerConfig config;
  config.add_listen(absl::StrCat("unix:", directory.File("run/worker.sock")));
  config.set_socket_mode("0660");
  config.set_socket_group("root");
  const auto options = MakeServerOptions(config);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->mode, mode_t{0660});
  EXPECT_EQ(options->gid, gid_t{0});
  EXPECT_EQ(access(directory.File("run").c_str(), W_OK), 0);
}

TEST(Serving, SaysWhichCertificateCannotBeRead) {
  config::v1::WorkerConfig config;
  config.add_listen("127.0.0.1:0");
  config.mutable_tls()->set_ca_file("/nonexistent/ca.crt");
  config.mutable_tls()->set_cert_file("/nonexistent/tls.crt");
  config.mutable_tls()->set_key_file("/nonexistent/tls.key");
  config.set_socket_mode("0600");
  const auto options = MakeServerOptions(config);
  EXPECT_THAT(std::string(options.status().message()), HasSubstr("/nonexistent/"));
}

}  // namespace
}  // namespace davit
