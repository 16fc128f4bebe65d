// What a step makes and what others need of it: in files of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/failure/failure.h"
#include "tests/support/temp_dir.h"
#include "worker/steps/resources/created_record.h"
#include "worker/steps/resources/host_directory.h"
#include "worker/steps/resources/used_resources.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace davit::steps
