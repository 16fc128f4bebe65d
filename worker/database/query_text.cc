#include "worker/database/query_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || c == '_' || c == '$' || byte >= 0x80;
}

// Takes a statement apart. pg_stat_activity cuts it: what is open at its end, ends there.
class QueryScanner {
 public:
  explicit QueryScanner(absl::string_view sql) : rest_(sql) {}

  std::string Shown() {
    while (!rest_.empty()) Next();
    absl::RemoveExtraAsciiWhitespace(&shown_);
    return shown_;
  }

 private:
  void Next() {
    const char c = rest_.front();
    if (absl::StartsWith(rest_, "--")) {
      Skip(rest_.find('\n'));
      shown_ += ' ';
    } else if (absl::StartsWith(rest_, "/*")) {
      SkipBehind("*/", 2);
      shown_ += ' ';
    } else if (c == '\'') {
      Quoted(false);
    } else if (c == '"') {
      const size_t end = rest_.find('"', 1);
      Keep(end == absl::string_view::npos ? end : end + 1);
    } else if (c == '$' && IsDollarQuote()) {
      SkipBehind(std::string(DollarTag()), DollarTag().size());
      shown_ += '?';
    } else if (IsWordByte(c)) {
      Word();
    } else {
      Keep(1);
    }
  }

  // Numbers, names, and prefixes of strings: E'…', B'…', N'…', U&'…'.
  void Word() {
    size_t end = 0;
    const bool number = absl::ascii_isdigit(static_cast<unsigned char>(rest_.front()));
    while (end < rest_.size() && (IsWordByte(rest_[end]) || (number && rest_[end] == '.'))) ++end;
    const absl::string_view word = rest_.substr(0, end);
    if (number) {
      Skip(end);
      shown_ += '?';
    } else if (end == 1 && rest_.size() > 1 && rest_[1] == '\'') {
      Skip(1);
      Quoted(absl::EqualsIgnoreCase(word, "e"));
    } else {
      Keep(end);
    }
  }

  // '' goes on; \' only in E'…'.
  void Quoted(bool escapes) {
    size_t at = 1;
    for (; at < rest_.size(); ++at) {
      if (escapes && rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == '\'') {
        if (at + 1 >= rest_.size() || rest_[at + 1] != '\'') break;
        ++at;
      }
    }
    Skip(at + 1);
    shown_ += '?';
  }

  absl::string_view DollarTag() const { return rest_.substr(0, rest_.find('$', 1) + 1); }

  // $$ or $name$, not the parameter $1.
  bool IsDollarQuote() const {
    const size_t end = rest_.find('$', 1);
    if (end == absl::string_view::npos) return false;
    for (size_t at = 1; at < end; ++at) {
      const auto byte = static_cast<unsigned char>(rest_[at]);
      if (!(byte == '_' || absl::ascii_isalpha(byte) || (at > 1 && absl::ascii_isdigit(byte)))) {
        return false;
      }
    }
    return true;
  }

  void SkipBehind(const std::string& sign, size_t from) {
    const size_t at = rest_.find(sign, from);
    Skip(at == absl::string_view::npos ? at : at + sign.size());
  }
  void Skip(size_t bytes) { rest_.remove_prefix(std::min(bytes, rest_.size())); }
  void Keep(size_t bytes) {
    absl::StrAppend(&shown_, rest_.substr(0, bytes));
    Skip(bytes);
  }

  absl::string_view rest_;
  std::string shown_;
};

}  // namespace

std::string ShownQuery(absl::string_view sql, size_t most_bytes) {
  std::string shown = QueryScanner(sql).Shown();
  if (shown.size() <= most_bytes) return shown;
  size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(shown.substr(0, end), "…");
}

}  // namespace davit::database
