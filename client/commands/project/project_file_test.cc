#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/commands/project/starter_file.h"
#include "client/commands/testing/test_program.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;

using ProjectFileTest = ProgramTest;

TEST(ProjectName, IsMadeOfADirectorysName) {
  EXPECT_EQ(ProjectNameFrom("My Shop_2"), "my-shop-2");
  EXPECT_EQ(ProjectNameFrom("--"), "project");
  EXPECT_EQ(ProjectNameFrom(std::string(60, 'a')), std::string(40, 'a'));
}

TEST_F(ProjectFileTest, EveryVerbThatTakesAnEnvironmentNamesThoseThatThereAre) {
  Write(kShopOfTwo);
  const std::vector<std::vector<std::string>> commands = {
      {"deploy"}, {"plan"},        {"doctor"},      {"status"}, {"history"},
      {"show"},   {"show", "d-1"}, {"logs", "web"}, {"watch"},  {"watch", "d-1"}};
  variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/nobody";
  for (std::vector<std::string> command : commands) {
    command.insert(command.end(), {"-e", "prodution"});
    // Before anything is asked, and whatever else the file needs: API_TAG is not set.
    EXPECT_EQ(Run(command), 2) << command[0];
    EXPECT_THAT(err_.str(), HasSubstr("no environment \"prodution\" in davit.yaml; did you mean "
                                      "`production`?"))
        << command[0];
    EXPECT_THAT(err_.str(), HasSubstr("dev, production")) << command[0];
  }
}

TEST_F(ProjectFileTest, WhatInitWritesPassesValidateAndIsNotOverwritten) {
  EXPECT_EQ(Run({"init", "--image", "ghcr.io/shop/web", "--port", "8080"}), 0) << err_.str();
  EXPECT_EQ(Run({"validate"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "ok: 1 app, 1 environment\n");
  EXPECT_EQ(Run({"init"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("left as it is"));
}

TEST_F(ProjectFileTest, InitRefusesAnImageThatIsNone) {
  EXPECT_EQ(Run({"init", "--image", "Not//an::image"}), 2);
  EXPECT_FALSE(std::filesystem::exists("davit.yaml"));
}

TEST_F(ProjectFileTest, ValidateTellsAllProblemsWithTheirPlaces) {
  Write("project: shop\napps:\n  web: {imge: shop/web, retain: many}\nenvironments:\n  dev: {}\n");
  EXPECT_EQ(Run({"validate"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit.yaml:3:"));
  EXPECT_THAT(err_.str(), HasSubstr("retain"));
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(Run({"validate", "--json"}), 2);
  EXPECT_THAT(out_.str(), HasSubstr("\"line\": 3"));
}

TEST_F(ProjectFileTest, TheFileIsFoundFromADirectoryBelow) {
  Write("project: shop\napps:\n  web: {image: shop/web}\nenvironments:\n  dev: {}\n");
  std::filesystem::create_directories("a/b");
  std::filesystem::current_path("a/b");
  EXPECT_EQ(Run({"validate"}), 0) << err_.str();
}

TEST_F(ProjectFileTest, WithoutAFileInitIsSuggested) {
  EXPECT_EQ(Run({"deploy", "--local"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit init"));
}

TEST_F(ProjectFileTest, AnEnvironmentMustBeNamedWhenThereAreSeveral) {
  Write(kShopOfTwo);
  variables_["API_TAG"] = "v1";
  EXPECT_EQ(Run({"deploy"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("dev, production"));
  EXPECT_EQ(Run({"deploy", "-e", "dve"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("dev"));
}

TEST_F(ProjectFileTest, InitAdvisesToCheckTheFileThatItWrote) {
  EXPECT_EQ(Run({"init", "-f", "my shop.yaml"}), 0) << err_.str();
  EXPECT_EQ(err_.str(), "wrote my shop.yaml; check it with: davit validate -f 'my shop.yaml'\n");
  EXPECT_EQ(Run({"init", "-f", "my shop.yaml"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("check it with: davit validate -f 'my shop.yaml'"));
}

TEST_F(ProjectFileTest, SaysThatThereAreMoreProblemsThanAreListed) {
  std::string keys;
  for (int i = 0; i < 1500; ++i) absl::StrAppend(&keys, "unknown", i, ": 1\n");
  Write(keys);
  EXPECT_EQ(Run({"validate"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit.yaml: 1000 problems; further ones are not listed\n"));
}

TEST_F(ProjectFileTest, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(Run({"validate", "-f", "missing.yaml"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("missing.yaml cannot be read: No such file or directory"));
  EXPECT_EQ(Run({"validate", "-f", "."}), 2);
  EXPECT_THAT(err_.str(), HasSubstr(". cannot be read: Is a directory"));
}

}  // namespace
}  // namespace davit::commands
