#include "client/commands/invocation/shell_command.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace davit::commands {
namespace {

// After it nothing is an option.
constexpr absl::string_view kEndOfOptions = "--";

}  // namespace

std::string ShellWord(absl::string_view text) {
  const auto is_plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::string_view("_-./:@%+=,").find(c) != absl::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", R"('\'')"}}), "'");
}

std::string CommandWith(const std::vector<std::string>& words, absl::string_view option) {
  std::string command = "davit";
  bool added = false;
  for (const std::string& word : words) {
    if (!added && word == kEndOfOptions) {
      absl::StrAppend(&command, " ", option);
      added = true;
    }
    absl::StrAppend(&command, " ", ShellWord(word));
  }
  return added ? command : absl::StrCat(command, " ", option);
}

}  // namespace davit::commands
