// docs/davit-yaml.md is written by hand; this keeps it true.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/spec/load_for_test.h"
#include "common/spec/rules.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string Guide() { return ReadFile(DAVIT_SOURCE_DIR "/docs/davit-yaml.md"); }

// The blocks between ```yaml and ```.
std::vector<std::string> YamlBlocks(absl::string_view text) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line == "```yaml") {
      inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      absl::StrAppend(&blocks.back(), line, "\n");
    }
  }
  return blocks;
}

bool HasKey(absl::string_view yaml, absl::string_view key) {
  return absl::StrContains(yaml, absl::StrCat(key, ": ")) ||
         absl::StrContains(yaml, absl::StrCat(key, ":\n"));
}

TEST(Guide, HasAMinimalAndAFullExampleThatLoad) {
  const std::vector<std::string> blocks = YamlBlocks(Guide());
  ASSERT_EQ(blocks.size(), 2u);
  for (const std::string& block : blocks) {
    const LoadResult result = Load(block);
    EXPECT_TRUE(result.ok()) << FormatProblems("docs/davit-yaml.md", block, result.problems);
  }
}

TEST(Guide, ShowsEveryKeyInTheFullExample) {
  const std::vector<std::string> blocks = YamlBlocks(Guide());
  ASSERT_EQ(blocks.size(), 2u);
  for (const Descriptor* message :
       {v1::Project::descriptor(), v1::Registry::descriptor(), v1::Environment::descriptor(),
        v1::App::descriptor(), v1::Env::descriptor(), v1::Container::descriptor(),
        v1::Volume::descriptor(), v1::EnvMount::descriptor(), v1::File::descriptor(),
        v1::Check::descriptor(), v1::Task::descriptor(), v1::Database::descriptor(),
        v1::DatabaseWait::descriptor(), v1::DatabaseBackup::descriptor(),
        v1::DatabaseMigration::descriptor(), v1::Build::descriptor(), v1::Healthcheck::descriptor(),
        v1::HttpProbe::descriptor(), v1::Strategy::descriptor()}) {
    for (int i = 0; i < message->field_count(); ++i) {
      const std::string& key = message->field(i)->name();
      if (key == "docker") continue;  // excludes the other probes; the table has it
      SCOPED_TRACE(message->name());
      EXPECT_TRUE(HasKey(blocks[1], key)) << key;
      EXPECT_TRUE(absl::StrContains(Guide(), absl::StrCat(key, "`")) ||
                  absl::StrContains(Guide(), absl::StrCat("`", key, ".")))
          << key;
    }
  }
}

TEST(Guide, NamesEveryKeyOfLaterVersions) {
  const std::string guide = Guide();
  const std::string later = guide.substr(guide.find("## Not yet"));
  for (const Descriptor* message :
       {v1::Project::descriptor(), v1::Environment::descriptor(), v1::App::descriptor(),
        v1::Env::descriptor(), v1::Strategy::descriptor()}) {
    for (const std::string& key : RulesOf(*message).not_yet()) {
      EXPECT_TRUE(absl::StrContains(later, absl::StrCat(key, "`"))) << key;
    }
  }
}

TEST(Guide, NamesNoKeyOfLaterVersionsThatWorks) {
  const std::string guide = Guide();
  const std::string later = guide.substr(guide.find("## Not yet"));
  for (const char* key : {"registries", "build", "preset", "env_mounts", "files", "checks",
                          "databases", "database", "tasks", "env.secret", "env.required"}) {
    EXPECT_FALSE(absl::StrContains(later, absl::StrCat("`", key, "`"))) << key;
  }
}

TEST(Readme, HasAnExampleThatLoads) {
  for (const std::string& block : YamlBlocks(ReadFile(DAVIT_SOURCE_DIR "/README.md"))) {
    const LoadResult result = Load(block);
    EXPECT_TRUE(result.ok()) << FormatProblems("README.md", block, result.problems);
  }
}

}  // namespace
}  // namespace davit::spec
