// What is read from the host: pure parts, and files of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/failure/failure.h"
#include "tests/support/listener.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unique.h"
#include "worker/steps/clean_text.h"
#include "worker/steps/counted.h"
#include "worker/steps/created_record.h"
#include "worker/steps/disk_space.h"
#include "worker/steps/host_directory.h"
#include "worker/steps/port_owner.h"
#include "worker/steps/proc_net.h"
#include "worker/steps/used_resources.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using worker::v1::PortBinding;

PortBinding Port(int host_port, const std::string& ip = "", const std::string& protocol = "") {
  PortBinding port;
  port.set_host_port(host_port);
  port.set_host_ip(ip);
  port.set_protocol(protocol);
  return port;
}

TEST(ProcNet, FindsTheSocketsThatListen) {
  const auto sockets = ParseProcNet(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "12345 1 0000000000000000 100 0 0 10 0\n"
      "   1: 0100007F:1F91 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 "
      "12346 1 0000000000000000 100 0 0 10 0\n"
      "   2: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000     0        0 777 1 0000000000000000 100 0 0 10 0\n"
      "nonsense\n");
  ASSERT_EQ(sockets.size(), 2u);
  EXPECT_EQ(sockets[0].ToString(), "127.0.0.1:8080");
  EXPECT_EQ(sockets[0].inode, 12345u);
  EXPECT_EQ(sockets[1].ToString(), "[::]:80");
}

TEST(ProcNet, FindsOutWhoListens) {
  const test::SilentListener listener;
  EXPECT_THAT(DescribeListener(Port(listener.port())),
              HasSubstr(absl::StrCat("(process ", getpid(), ") listens on ")));
  EXPECT_THAT(DescribeListener(Port(test::FreePort())), HasSubstr("cannot be told"));
}

TEST(Ports, CollideWhenTheirAddressesMeet) {
  EXPECT_TRUE(Collide(Port(80), Port(80)));
  EXPECT_TRUE(Collide(Port(80), Port(80, "10.0.0.1")));
  EXPECT_TRUE(Collide(Port(80, "0.0.0.0"), Port(80, "127.0.0.1", "tcp")));
  EXPECT_FALSE(Collide(Port(80, "10.0.0.1"), Port(80, "10.0.0.2")));
  EXPECT_FALSE(Collide(Port(80), Port(81)));
  EXPECT_FALSE(Collide(Port(53, "", "udp"), Port(53, "", "tcp")));
  EXPECT_FALSE(Collide(Port(0), Port(0)));
}

TEST(Ports, AreTriedOut) {
  const test::SilentListener listener;
  EXPECT_TRUE(absl::IsAlreadyExists(TryBind(Port(listener.port()))));
  EXPECT_TRUE(absl::IsAlreadyExists(TryBind(Port(listener.port(), "127.0.0.1"))));
  EXPECT_TRUE(TryBind(Port(listener.port(), "", "udp")).ok());
  EXPECT_TRUE(TryBind(Port(test::FreePort())).ok());
  EXPECT_TRUE(absl::IsNotFound(TryBind(Port(test::FreePort(), "192.0.2.1"))));
}

TEST(Ports, AreWrittenAsInTheSpec) {
  EXPECT_EQ(Describe(Port(80)), "80/tcp");
  EXPECT_EQ(Describe(Port(53, "127.0.0.1", "udp")), "127.0.0.1:53/udp");
  EXPECT_EQ(Describe(Port(80, "::1")), "[::1]:80/tcp");
}

TEST(HostDirectories, AreMadeParentsFirst) {
  const test::TempDir directory;
  EXPECT_THAT(MissingDirectories(directory.File("a//b/./c/")),
              ElementsAre(directory.File("a"), directory.File("a/b"), directory.File("a/b/c")));
  EXPECT_THAT(MissingDirectories(directory.path()), ElementsAre());
  EXPECT_THAT(MissingDirectories("/"), ElementsAre());
  EXPECT_TRUE(*MakeDirectory(directory.File("a")));
  EXPECT_FALSE(*MakeDirectory(directory.File("a")));
  EXPECT_FALSE(MakeDirectory(directory.File("b/c")).ok());
}

TEST(HostDirectories, AreGivenAway) {
  const test::TempDir directory;
  ASSERT_TRUE(*MakeDirectory(directory.File("a")));
  const Owner self{geteuid(), getegid()};
  ASSERT_TRUE(GiveDirectory(directory.File("a"), self, "0711").ok());
  const auto mode = std::filesystem::status(directory.File("a")).permissions();
  EXPECT_EQ(mode, static_cast<std::filesystem::perms>(0711));
}

TEST(HostDirectories, AreNotGivenAwayThroughALink) {
  const test::TempDir directory;
  const std::string link = directory.File("link");
  std::filesystem::create_directory(directory.File("target"));
  std::filesystem::permissions(directory.File("target"), std::filesystem::perms::owner_all);
  std::filesystem::create_directory_symlink(directory.File("target"), link);
  const absl::Status status = GiveDirectory(link, {geteuid(), getegid()}, "0755");
  EXPECT_TRUE(IsFailure(status, v1::VOLUME_UNUSABLE)) << status;
  EXPECT_THAT(status.message(), HasSubstr(link));
  const auto mode = std::filesystem::status(directory.File("target")).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_all);
}

TEST(HostDirectories, AreRemovedOnlyWhenEmpty) {
  const test::TempDir directory;
  directory.Write("full/file", "");
  EXPECT_FALSE(RemoveEmptyDirectory(directory.File("full")));
  EXPECT_TRUE(RemoveEmptyDirectory(directory.File("never there")));
  EXPECT_TRUE(std::filesystem::exists(directory.File("full/file")));
}

TEST(Counted, KnowsOneFromMany) {
  EXPECT_EQ(Counted(0, "directory", "directories"), "0 directories");
  EXPECT_EQ(Counted(1, "directory", "directories"), "1 directory");
  EXPECT_EQ(Counted(2, "directory", "directories"), "2 directories");
}

TEST(DiskSpace, IsThatOfTheNearestAncestor) {
  EXPECT_EQ(FreeBytes("/no/such/place").has_value(), true);
  EXPECT_GT(*FreeBytes("/"), 0);
  EXPECT_GT(SpaceOf("/")->total_bytes, SpaceOf("/")->free_bytes);
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(12'340'000), "12.3 MB");
}

TEST(CreatedRecords, KeepStepsApartAndForgetADeployment) {
  const test::TempDir directory;
  const CreatedRecords records(directory.path());
  worker::v1::StepKey key;
  key.set_cluster_id("cluster");
  key.set_deployment_id("d-1");
  key.set_step_id("../../d-1-03");
  worker::v1::CreatedResources created;
  created.add_networks("front");
  ASSERT_TRUE(records.Write(key, created).ok());
  EXPECT_EQ(records.Read(key)->networks(0), "front");
  worker::v1::StepKey other = key;
  other.set_step_id("d-1-04");
  EXPECT_EQ(records.Read(other)->networks_size(), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path())) {
    EXPECT_EQ(entry.path().native().find(".."), std::string::npos) << entry.path();
  }
  records.Forget(key);
  EXPECT_EQ(records.Read(key)->networks_size(), 0);
}

worker::v1::StepKey CreatorOf(const std::string& deployment) {
  worker::v1::StepKey key;
  key.set_cluster_id("cluster");
  key.set_deployment_id(deployment);
  key.set_step_id(deployment + "-03");
  return key;
}

TEST(CreatedRecords, AreSharedUntilOneOfThemServesForGood) {
  const test::TempDir directory;
  const CreatedRecords records(directory.path());
  worker::v1::CreatedResources shared, own;
  shared.add_networks("front");
  shared.add_directories("/srv/a");
  own = shared;
  own.add_volumes("data");
  ASSERT_TRUE(records.Write(CreatorOf("d-check"), own).ok());
  ASSERT_TRUE(records.Write(CreatorOf("d-2"), shared).ok());
  directory.Write("created/_cluster/_d-2/_d-2-03.new", "of a write that was broken off");
  EXPECT_EQ(records.OfOthers(CreatorOf("d-check"))->ShortDebugString(), shared.ShortDebugString());
  EXPECT_EQ(records.OfOthers(CreatorOf("d-3"))->ShortDebugString(), own.ShortDebugString());
  records.Forget(CreatorOf("d-2"));
  EXPECT_EQ(records.OfOthers(CreatorOf("d-check"))->ByteSizeLong(), 0u);
  EXPECT_EQ(records.Read(CreatorOf("d-check"))->ShortDebugString(), "volumes: \"data\"");
}

TEST(CreatedRecords, GoWithTheStepThatIsUndone) {
  const test::TempDir directory;
  const CreatedRecords records(directory.path());
  worker::v1::CreatedResources created;
  created.add_networks("front");
  ASSERT_TRUE(records.Write(CreatorOf("d-1"), created).ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(records.Drop(CreatorOf("d-1")).ok());
  EXPECT_EQ(records.Read(CreatorOf("d-1"))->ByteSizeLong(), 0u);
}

TEST(UsedResources, AreMountsAndWhatIsAboveThemAlsoBehindLinks) {
  const test::TempDir directory;
  std::filesystem::create_directories(directory.File("real/data"));
  std::filesystem::create_directory_symlink(directory.File("real"), directory.File("link"));
  worker::v1::ObservedSettings settings;
  settings.add_mounts()->set_source(directory.File("link/data/"));
  settings.add_mounts()->set_source("volume");
  settings.add_networks("front");
  UsedResources used;
  AddUsed(settings, used);
  for (const char* name : {"real/data", "real", "link/data", "link"}) {
    EXPECT_TRUE(used.HasDirectory(directory.File(name))) << name;
  }
  EXPECT_FALSE(used.HasDirectory(directory.File("real/data/below")));
  EXPECT_FALSE(used.HasDirectory(directory.File("rea")));
  EXPECT_TRUE(used.volumes.contains("volume"));
  EXPECT_TRUE(used.networks.contains("front"));
}

TEST(CleanText, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(CleanText("naïve €\t𝄞\n"), "naïve €\t𝄞\n");
  EXPECT_EQ(CleanText("a\xFF\x62"), "a\xEF\xBF\xBD\x62");
  EXPECT_EQ(CleanText("cut \xE2\x82"), "cut \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(CleanText("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "overlong";
  EXPECT_EQ(CleanText("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
  EXPECT_EQ(CleanText("\x1b[31mred"), " [31mred");
}

}  // namespace
}  // namespace davit::steps
