// Runs scenarios/*.txt: commands, a line of dashes, what came of them, an empty
// line. DAVIT_REWRITE_GOLDEN=1 writes what came of them into the files.
#include "controller/core/testing/scenario.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::core {
namespace {

constexpr absl::string_view kRule = "----";

std::vector<std::string> FindScenarios() {
  std::vector<std::string> names;
  const std::filesystem::path directory = DAVIT_SOURCE_DIR "/controller/core/testing/scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string PathOf(const std::string& name) {
  return absl::StrCat(DAVIT_SOURCE_DIR "/controller/core/testing/scenarios/", name, ".txt");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The file with the outcomes that its commands have now.
std::string RunScenario(const std::string& text) {
  Scenario scenario;
  std::string result, outcome;
  bool in_outcome = false;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    if (in_outcome && !line.empty()) continue;
    in_outcome = line == kRule;
    absl::StrAppend(&result, line, "\n");
    if (in_outcome) {
      absl::StrAppend(&result, outcome);
      outcome.clear();
    } else if (!line.empty() && line.front() != '#') {
      absl::StrAppend(&outcome, scenario.Execute(line));
    }
  }
  return result;
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, GoesAsItsFileSays) {
  const std::string path = PathOf(GetParam());
  const std::string expected = ReadFile(path);
  const std::string actual = RunScenario(expected);
  EXPECT_FALSE(absl::StrContains(actual, "error:")) << actual;
  if (std::getenv("DAVIT_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  EXPECT_EQ(actual, expected);
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest, ::testing::ValuesIn(FindScenarios()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace davit::core
