#include "worker/database/migration/error_form.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace davit::database {
namespace {

constexpr size_t kNone = absl::string_view::npos;

std::string Trimmed(absl::string_view text) {
  return std::string(absl::StripAsciiWhitespace(text));
}

bool IsWordPart(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// PostgreSQL's severities, wherever a client or a framework puts them.
std::optional<std::string> ServersText(absl::string_view line) {
  for (const absl::string_view severity : {"ERROR:", "FATAL:", "PANIC:"}) {
    const size_t at = line.find(severity);
    if (at == kNone || (at > 0 && IsWordPart(line[at - 1]))) continue;
    return Trimmed(line.substr(at + severity.size()));
  }
  return std::nullopt;
}

// "error: …" at the beginning, or after a program's name: "migrate: error: …".
std::optional<std::string> LabelledText(absl::string_view line) {
  const std::string lowered = absl::AsciiStrToLower(line);
  const absl::string_view lower = lowered;
  for (const absl::string_view label :
       {"error:", "fatal error:", "fatal:", "failed:", "panic:", "exception:", "[error]"}) {
    if (absl::StartsWith(lower, label)) return Trimmed(line.substr(label.size()));
  }
  for (const absl::string_view label : {": error: ", ": fatal: "}) {
    const size_t at = lower.find(label);
    if (at != kNone && at < lower.find(' ')) return Trimmed(line.substr(at + label.size()));
  }
  // Python's logging: "ERROR [alembic.util] …"; and Elixir's "** (Postgrex.Error) …".
  for (const auto& [begin, end] : {std::pair("ERROR [", "] "), std::pair("** (", ") ")}) {
    const size_t at = line.find(end);
    if (absl::StartsWith(line, begin) && at != kNone) return Trimmed(line.substr(at + 2));
  }
  return std::nullopt;
}

absl::string_view WithoutIntroduction(absl::string_view line) {
  for (const absl::string_view begin :
       {"Caused by: ", "Uncaught ", "Unhandled exception. ", "Exception in thread \"main\" "}) {
    if (absl::ConsumePrefix(&line, begin)) break;
  }
  return line;
}

// The class that stands before the first ": ", with its module; empty where there is none.
absl::string_view ClassOf(absl::string_view line) {
  const absl::string_view word = line.substr(0, line.find(": "));
  const bool is_name = std::all_of(word.begin(), word.end(), [](char c) {
    return IsWordPart(c) || absl::StrContains(".:$\\", absl::string_view(&c, 1));
  });
  return is_name && word.size() < line.size() ? word : absl::string_view();
}

absl::string_view LastPart(absl::string_view name) {
  const size_t at = name.find_last_of(".:$\\");
  return at == kNone ? name : name.substr(at + 1);
}

bool IsErrorClass(absl::string_view name) {
  const absl::string_view last = LastPart(name);
  if (last.empty() || !absl::ascii_isupper(static_cast<unsigned char>(last[0]))) return false;
  return absl::EndsWith(last, "Error") || absl::EndsWith(last, "Exception") ||
         absl::StrContains(name, "::");
}

// Ruby's "a.rb:1:in `up': divided by 0 (ZeroDivisionError)".
std::optional<std::string> RubysText(absl::string_view line) {
  if (!absl::EndsWith(line, "Error)")) return std::nullopt;
  const size_t frame = line.find(":in ");
  const size_t at = frame == kNone ? kNone : line.find("': ", frame);
  if (at == kNone) return std::nullopt;
  return Trimmed(line.substr(at + 3));
}

bool HasAny(absl::string_view line, std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return absl::StrContains(line, word); });
}

}  // namespace

std::string ExceptionText(absl::string_view line) {
  const absl::string_view name = ClassOf(line);
  return Trimmed(absl::StrCat(LastPart(name), line.substr(name.size())));
}

std::optional<std::string> ErrorTextOf(absl::string_view line) {
  if (auto text = ServersText(line); text.has_value()) return text;
  const absl::string_view words = WithoutIntroduction(line);
  if (auto text = LabelledText(words); text.has_value()) return text;
  if (IsErrorClass(ClassOf(words))) return ExceptionText(words);
  return RubysText(line);
}

bool IsShellError(absl::string_view line) {
  for (const absl::string_view end :
       {": not found", ": command not found", ": No such file or directory", ": Permission denied",
        ": unbound variable", ": parameter not set"}) {
    if (absl::EndsWith(line, end)) return true;
  }
  return false;
}

bool IsStackFrame(absl::string_view line) {
  if (std::none_of(line.begin(), line.end(), IsWordPart)) return true;
  if (absl::StartsWith(line, "at ") || absl::StartsWith(line, "from ")) return true;
  if (absl::StartsWith(line, "File \"")) return true;
  return HasAny(line, {":in `", ":in '"}) && (absl::EndsWith(line, "'"));
}

bool IsAfterword(absl::string_view line) {
  return HasAny(line, {"exit code", "exit status", "exited with", "npm ERR!", "npm error",
                       "] Error ", "ELIFECYCLE", "current transaction is aborted", "Tasks: TOP",
                       "See full trace", "Background on this error"}) ||
         absl::StartsWith(line, "Node.js v") || absl::StartsWith(line, "[SQL: ") ||
         absl::StartsWith(line, "[parameters: ");
}

}  // namespace davit::database
