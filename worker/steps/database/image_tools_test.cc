#include "worker/steps/database/image_tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/clock.h"
#include "tests/support/docker.h"
#include "tests/support/process.h"
#include "tests/support/unique.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup.h"
#include "worker/database/backup/libpq_environment.h"
#include "worker/database/restore/load_backup.h"
#include "worker/database/restore/restore_names.h"
#include "worker/database/testing/fake_tools.h"
#include "worker/steps/testing/database_steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string ContentOf(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

// This host's own programs with their libraries, as a server's image has them.
std::map<std::string, std::string> ProgramsForAnImage() {
  std::map<std::string, std::string> files;
  for (const std::string name : {"pg_dump", "pg_restore"}) {
    const std::string program = database::PostgresServer::Program(name);
    files["/bin/" + name + ".real"] = ContentOf(program);
    files["/bin/" + name] = absl::StrCat(
        "#!/bin/sh\nexec /bin/ld.so --library-path /libraries /bin/", name, ".real \"$@\"\n");
    const auto needed = test::RunProgram({"ldd", program});
    EXPECT_TRUE(needed.ok()) << needed.status();
    for (const absl::string_view word :
         absl::StrSplit(needed.value_or(""), absl::ByAnyChar(" \t\n"), absl::SkipEmpty())) {
      if (word.front() != '/') continue;
      const std::filesystem::path library(std::string{word});
      const bool loader = absl::StartsWith(library.filename().string(), "ld-linux");
      files[loader ? "/bin/ld.so" : "/libraries/" + library.filename().string()] =
          ContentOf(library);
    }
  }
  return files;
}

// The host has no programs; the image of the "server's" container does.
class ImageToolsTest : public DatabaseStepsTest {
 protected:
  void SetUp() override {
    DatabaseStepsTest::SetUp();
    environment_.engine = &docker_;
    places_ = {.versions = temp_.File("none"), .path = {}};
    Sql("CREATE TABLE state AS SELECT 'then' AS word");
  }
  // A container that answers for the server: it is not, but has its port.
  void StartContainer(const std::map<std::string, std::string>& files,
                      const std::vector<worker::v1::PortBinding>& ports = {}) {
    const auto image =
        test::ImportBusyboxImage(image_.reference(), {"/bin/sleep", "1000"}, {.files = files});
    ASSERT_TRUE(image.ok()) << image.status();
    worker::v1::ContainerSpec spec;
    spec.set_service_name(label_);
    spec.set_image(*image);
    (*spec.mutable_labels())["davit.test"] = label_;
    for (const worker::v1::PortBinding& port : ports) *spec.add_ports() = port;
    const auto id = docker_.CreateContainer(label_, spec, "no", test::TestCall());
    ASSERT_TRUE(id.ok()) << id.status();
    const absl::Status started = docker_.StartContainer(*id, test::TestCall());
    ASSERT_TRUE(started.ok()) << started;
    image_id_ = *image;
    const auto running = docker_.InspectContainer(*id, test::TestCall());
    ASSERT_TRUE(running.ok()) << running.status();
    ASSERT_FALSE(running->addresses.empty());
    address_ = running->addresses.front();
  }
  absl::StatusOr<std::string> ImageOf(const std::string& host) {
    return ServerImage(docker_, *database::ParseDatabaseUrl("postgres://" + host + "/shop"),
                       access_, test::TestCall());
  }

  docker::Engine& docker_ = test::TestEngine();
  const std::string label_ = test::UniqueName("davit-image-tools");
  const test::ScopedImage image_{label_ + ":v1"};
  const test::ScopedLabel remove_containers_{"davit.test", label_};
  std::string image_id_;
  std::string address_;
};

TEST_F(ImageToolsTest, BackUpAndRestoreWithTheProgramsOfAnImage) {
  StartContainer(ProgramsForAnImage());
  auto tools = ImageTools::Of(docker_, image_id_, label_, test::TestCall());
  ASSERT_TRUE(tools.ok()) << tools.status();
  EXPECT_EQ((*tools)->major_version(), 15);
  EXPECT_THAT((*tools)->version(), StartsWith("15."));
  // Archives are of the worker's user, whoever that is.
  database::GuardedTools of_worker(**tools, [](const database::ToolRun& run) {
    const int archive = run.tool == database::PostgresTool::kDump ? run.output : run.input;
    return fchown(archive, 4711, 4711) == 0 ? absl::OkStatus() : absl::InternalError("chown");
  });
  const auto url = database::ParseDatabaseUrl(this->url());
  const auto made = database::MakeBackup(
      test::TestCall(), of_worker, SystemClock(),
      {.directory = directory(), .environment = database::LibpqEnvironmentOf(*url)}, nullptr);
  ASSERT_TRUE(made.ok()) << made.status();
  Sql("UPDATE state SET word = 'now'");
  const absl::Status loaded =
      database::LoadBackup(test::TestCall(), of_worker, database::ConnectorTo(*url),
                           {.directory = directory(),
                            .backup = *made,
                            .database = database(),
                            .key = "key",
                            .environment = database::LibpqEnvironmentOf(*url)},
                           nullptr);
  ASSERT_TRUE(loaded.ok()) << loaded;
  const std::string fresh = database::RestoringName(database(), "key");
  EXPECT_EQ(server().Sql(fresh, "SELECT word FROM state").value_or(""), "then\n");
  EXPECT_TRUE(server().Sql("postgres", absl::StrCat("DROP DATABASE ", fresh)).ok());
}

TEST_F(ImageToolsTest, AreTakenWhereTheHostHasNoneAndTheServerIsAContainer) {
  worker::v1::PortBinding port;
  port.set_host_ip("127.0.0.2");
  port.set_host_port(server().port());
  port.set_container_port(5432);
  port.set_protocol("tcp");
  StartContainer(ProgramsForAnImage(), {port});
  const v1::Backup backup = MakeBackup();
  EXPECT_THAT(backup.tool_version(), StartsWith("15."));
  EXPECT_THAT(reporter_.Text(), HasSubstr("pg_dump 15."));
}

TEST_F(ImageToolsTest, TellTheErrorsOfTheProgramsAsTheHostsOwnDo) {
  StartContainer({{"/bin/pg_dump",
                   "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 15.1' && exit\n"
                   "echo 'pg_dump: error: permission denied for table state' >&2; exit 1\n"}});
  auto tools = ImageTools::Of(docker_, image_id_, label_, test::TestCall());
  ASSERT_TRUE(tools.ok()) << tools.status();
  const auto made = database::MakeBackup(test::TestCall(), **tools, SystemClock(),
                                         {.directory = directory()}, nullptr);
  const auto failure = database::ArchiveFailureOf(made.status());
  ASSERT_TRUE(failure.has_value()) << made.status();
  EXPECT_EQ(failure->reason, database::ArchiveReason::kRights);
  EXPECT_THAT(failure->evidence, HasSubstr("permission denied for table state"));
}

TEST_F(ImageToolsTest, AnImageWithoutThemHasNone) {
  StartContainer({});
  EXPECT_FALSE(ImageTools::Of(docker_, image_id_, label_, test::TestCall()).ok());
}

TEST_F(ImageToolsTest, TheServersImageIsThatOfTheContainerWithItsAddress) {
  StartContainer({});
  EXPECT_EQ(ImageOf(address_).value_or("none"), image_id_);
  EXPECT_THAT(ImageOf("192.0.2.1").value_or("none"), IsEmpty());
}

}  // namespace
}  // namespace davit::steps
