#ifndef DAVIT_CONTROLLER_CORE_TESTING_SCENARIO_WORDS_H_
#define DAVIT_CONTROLLER_CORE_TESTING_SCENARIO_WORDS_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

// The words of a scenario's commands.
namespace davit::core {

using ScenarioWords = std::vector<std::string>;

// Value of `key=value` among the words; "" when there is none.
inline std::string Get(const ScenarioWords& words, absl::string_view key) {
  for (const std::string& word : words) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (parts.first == key) return parts.second;
  }
  return "";
}

inline bool Has(const ScenarioWords& words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline ScenarioWords List(const std::string& text) {
  return absl::StrSplit(text, ',', absl::SkipEmpty());
}

inline int Int(const std::string& text, int otherwise) {
  int value = 0;
  return absl::SimpleAtoi(text, &value) ? value : otherwise;
}

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_SCENARIO_WORDS_H_
