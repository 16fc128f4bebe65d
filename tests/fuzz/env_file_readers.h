#ifndef DAVIT_TESTS_FUZZ_ENV_FILE_READERS_H_
#define DAVIT_TESTS_FUZZ_ENV_FILE_READERS_H_

// Readers of environment files that know nothing of the writer: each takes what the
// program that it is named after takes, without regular expressions, and aborts at a
// line that would not be one variable.

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace davit {

using EnvOf = std::map<std::string, std::string>;

// Aborts unless it holds: the fuzzer keeps the input then.
inline void Demand(bool holds) {
  if (!holds) std::abort();
}

inline std::vector<absl::string_view> LinesOf(absl::string_view file) {
  std::vector<absl::string_view> lines = absl::StrSplit(file, '\n');
  Demand(lines.back().empty());
  lines.pop_back();
  return lines;
}

// NAME and what follows the first =.
inline std::pair<std::string, absl::string_view> VariableOf(absl::string_view line) {
  const size_t equals = line.find('=');
  Demand(equals != line.npos && equals > 0);
  for (const unsigned char c : line.substr(0, equals)) {
    Demand(absl::ascii_isalnum(c) || c == '_');
  }
  return {std::string(line.substr(0, equals)), line.substr(equals + 1)};
}

inline EnvOf ReadAsDocker(absl::string_view file) {
  EnvOf env;
  for (const absl::string_view line : LinesOf(file)) {
    Demand(line.size() < 65536 && !absl::EndsWith(line, "\r"));
    const auto [name, value] = VariableOf(line);
    env[name] = std::string(value);
  }
  return env;
}

// django-environ: Env.read_env.
inline EnvOf ReadAsDjangoEnviron(absl::string_view file) {
  EnvOf env;
  for (const absl::string_view line : LinesOf(file)) {
    for (const char* end :
         {"\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
      Demand(!absl::StrContains(line, end));
    }
    auto [name, value] = VariableOf(line);
    const auto quoted = [](absl::string_view text, char quote) {
      return text.size() >= 2 && text.front() == quote && text.back() == quote;
    };
    if (quoted(value, '\'')) value = value.substr(1, value.size() - 2);
    if (!quoted(value, '"')) {
      env[name] = std::string(value);
      continue;
    }
    value = value.substr(1, value.size() - 2);
    std::string& text = env[name];
    for (size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      text.push_back(value[i]);
    }
  }
  return env;
}

// python-dotenv: the value in quotes that begins `rest`; takes it off.
inline std::string TakeQuoted(absl::string_view& rest, absl::string_view escapes) {
  const char quote = rest.front();
  std::string text;
  size_t i = 1;
  // A quote after a backslash does not close, whatever is before the backslash.
  for (; i < rest.size() && (rest[i] != quote || rest[i - 1] == '\\'); ++i) text += rest[i];
  Demand(i < rest.size());
  rest.remove_prefix(i + 1);
  std::string value;
  for (i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    if (escape && absl::StrContains(escapes, text[i + 1])) {
      ++i;
      // The writer has no use for letters.
      Demand(!absl::ascii_isalpha(static_cast<unsigned char>(text[i])));
    }
    value += text[i];
  }
  return value;
}

// python-dotenv: dotenv_values.
inline EnvOf ReadAsPythonDotenv(absl::string_view file) {
  EnvOf env;
  while (!file.empty()) {
    const size_t equals = file.find('=');
    Demand(equals != file.npos);
    const std::string name = VariableOf(file.substr(0, equals + 1)).first;
    file.remove_prefix(equals + 1);
    std::string& value = env[name];
    if (absl::StartsWith(file, "'")) {
      value = TakeQuoted(file, "\\'");
    } else if (absl::StartsWith(file, "\"")) {
      value = TakeQuoted(file, "\\'\"abfnrtv");
    } else {
      const absl::string_view line = file.substr(0, file.find_first_of("\r\n"));
      Demand(absl::StripAsciiWhitespace(line) == line && !absl::StrContains(line, '#'));
      value = std::string(line);
      file.remove_prefix(line.size());
    }
    Demand(!absl::StrContains(value, "${") || value.find('}', value.find("${")) == value.npos);
    Demand(absl::ConsumePrefix(&file, "\n"));
  }
  return env;
}

}  // namespace davit

#endif  // DAVIT_TESTS_FUZZ_ENV_FILE_READERS_H_
