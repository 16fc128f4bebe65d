#include "worker/database/migration/sql_token.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace davit::database {
namespace {

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || c == '_' || c == '$' || byte >= 0x80;
}

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Behind the next `sign` at or after `from`; all of it where there is none.
size_t EndBehind(absl::string_view sql, absl::string_view sign, size_t from) {
  const size_t at = sql.find(sign, from);
  return at == absl::string_view::npos ? sql.size() : at + sign.size();
}

// '' goes on; \' only in E'…'. `quote`: where it begins.
size_t StringEnd(absl::string_view sql, size_t quote, bool escapes) {
  size_t at = quote + 1;
  for (; at < sql.size(); ++at) {
    if (escapes && sql[at] == '\\') {
      ++at;
    } else if (sql[at] == '\'') {
      if (at + 1 >= sql.size() || sql[at + 1] != '\'') break;
      ++at;
    }
  }
  return std::min(at + 1, sql.size());
}

size_t NameEnd(absl::string_view sql) {
  size_t at = 1;
  while (at < sql.size() && (sql[at] != '"' || (at + 1 < sql.size() && sql[at + 1] == '"'))) {
    at += sql[at] == '"' ? 2 : 1;
  }
  return std::min(at + 1, sql.size());
}

// $$ or $name$, not the parameter $1. Empty: none.
absl::string_view DollarTag(absl::string_view sql) {
  const size_t end = sql.find('$', 1);
  if (end == absl::string_view::npos) return {};
  for (size_t at = 1; at < end; ++at) {
    const auto byte = static_cast<unsigned char>(sql[at]);
    if (byte != '_' && !absl::ascii_isalpha(byte) && (at == 1 || !IsDigit(sql[at]))) return {};
  }
  return sql.substr(0, end + 1);
}

size_t GapEnd(absl::string_view sql) {
  if (absl::StartsWith(sql, "--")) return std::min(sql.find('\n'), sql.size());
  if (absl::StartsWith(sql, "/*")) return EndBehind(sql, "*/", 2);
  size_t end = 0;
  while (end < sql.size() && absl::ascii_isspace(static_cast<unsigned char>(sql[end]))) ++end;
  return end;
}

// Numbers, names, and strings with a prefix: E'…', B'…', N'…'.
SqlToken WordAt(absl::string_view sql) {
  const bool number = IsDigit(sql.front());
  size_t end = 0;
  while (end < sql.size() && (IsWordByte(sql[end]) || (number && sql[end] == '.'))) ++end;
  if (number) return {SqlTokenKind::kLiteral, sql.substr(0, end)};
  if (end == 1 && sql.size() > 1 && sql[1] == '\'') {
    const bool escapes = sql[0] == 'e' || sql[0] == 'E';
    return {SqlTokenKind::kLiteral, sql.substr(0, StringEnd(sql, 1, escapes))};
  }
  return {SqlTokenKind::kWord, sql.substr(0, end)};
}

SqlToken FirstToken(absl::string_view sql) {
  const char c = sql.front();
  if (const size_t gap = GapEnd(sql); gap > 0) return {SqlTokenKind::kGap, sql.substr(0, gap)};
  if (c == '\'') return {SqlTokenKind::kLiteral, sql.substr(0, StringEnd(sql, 0, false))};
  if (c == '"') return {SqlTokenKind::kName, sql.substr(0, NameEnd(sql))};
  if (c == '$') {
    const absl::string_view tag = DollarTag(sql);
    if (!tag.empty()) {
      return {SqlTokenKind::kLiteral, sql.substr(0, EndBehind(sql, tag, tag.size()))};
    }
  }
  if (IsWordByte(c)) return WordAt(sql);
  return {SqlTokenKind::kSign, sql.substr(0, 1)};
}

}  // namespace

SqlToken TakeSqlToken(absl::string_view& sql) {
  const SqlToken token = FirstToken(sql);
  sql.remove_prefix(token.text.size());
  return token;
}

bool IsSql(const SqlToken& token, absl::string_view word) {
  const bool fits = token.kind == SqlTokenKind::kWord || token.kind == SqlTokenKind::kSign;
  return fits && absl::EqualsIgnoreCase(token.text, word);
}

std::string SqlName(const SqlToken& token) {
  if (token.kind != SqlTokenKind::kName) return absl::AsciiStrToLower(token.text);
  absl::string_view name = token.text.substr(1);
  if (absl::EndsWith(name, "\"")) name.remove_suffix(1);
  return absl::StrReplaceAll(name, {{"\"\"", "\""}});
}

}  // namespace davit::database
