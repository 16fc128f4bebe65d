#ifndef DAVIT_COMMON_SPEC_LOAD_FOR_TEST_H_
#define DAVIT_COMMON_SPEC_LOAD_FOR_TEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/loader.h"

namespace davit::spec {

// The variables of the tests: SET is "value", EMPTY is "", NUMBER is "7", SECRET is "hunter2".
inline std::optional<std::string> VariableForTest(const std::string& name) {
  if (name == "SET") return "value";
  if (name == "EMPTY") return "";
  if (name == "NUMBER") return "7";
  if (name == "SECRET") return "hunter2";
  return std::nullopt;
}

inline LoadResult Load(absl::string_view text, const std::string& environment = "") {
  return LoadProject(text, {VariableForTest, environment});
}

// "line:column message" of each problem.
inline std::vector<std::string> ProblemsOf(absl::string_view text,
                                           const std::string& environment = "") {
  std::vector<std::string> lines;
  for (const Problem& problem : Load(text, environment).problems) {
    lines.push_back(absl::StrCat(problem.line, ":", problem.column, " ", problem.message));
  }
  return lines;
}

// A whole file around the lines of one app, which begin in line 5 and are to be
// indented by four.
inline std::string WithApp(absl::string_view lines) {
  return absl::StrCat("project: shop\nenvironments: {dev: {}}\napps:\n  web:\n", lines);
}

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_LOAD_FOR_TEST_H_
