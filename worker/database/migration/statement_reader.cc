#include "worker/database/migration/statement_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace davit::database {
namespace {

using Wanted = WantedStatement::Kind;

// Longer ones are no statements that people write.
constexpr size_t kLongestStatement = 64 << 10;

bool EndsStatement(const SqlToken& token) {
  for (const absl::string_view sign : {";", ",", "]"}) {
    if (IsSql(token, sign)) return true;
  }
  return token.kind == SqlTokenKind::kGap && absl::StrContains(token.text, "\n\n");
}

}  // namespace

StatementReader::StatementReader(absl::string_view text)
    : whole_(text.substr(0, kLongestStatement)), text_(whole_) {}

std::optional<WantedStatement> StatementReader::Read() {
  const bool read = Skip("create") ? ReadCreate() : Skip("alter") && ReadAlter();
  if (!read) return std::nullopt;
  return std::move(statement_);
}

// What follows, without taking it.
SqlToken StatementReader::Peek() {
  while (!text_.empty()) {
    absl::string_view rest = text_;
    const SqlToken token = TakeSqlToken(rest);
    if (token.kind != SqlTokenKind::kGap) return token;
    text_ = rest;
  }
  return {};
}

SqlToken StatementReader::Take() {
  const SqlToken token = Peek();
  text_.remove_prefix(token.text.size());
  return token;
}

bool StatementReader::Skip(absl::string_view word) {
  if (!IsSql(Peek(), word)) return false;
  Take();
  return true;
}

void StatementReader::SkipIfExists() {
  if (!Skip("if")) return;
  Skip("not");
  Skip("exists");
}

// The last part of schema.name.
bool StatementReader::ReadName(std::string& name) {
  do {
    const SqlToken token = Take();
    if (token.kind != SqlTokenKind::kWord && token.kind != SqlTokenKind::kName) return false;
    name = SqlName(token);
  } while (Skip("."));
  return true;
}

bool StatementReader::ReadCreate() {
  if (Skip("table")) {
    SkipIfExists();
    if (!ReadName(statement_.name)) return false;
    statement_.table = statement_.name;
    return IsSql(Peek(), "(") && ReadParentheses();
  }
  statement_.unique = Skip("unique");
  if (!Skip("index")) return false;
  statement_.kind = Wanted::kIndex;
  Skip("concurrently");
  SkipIfExists();
  if (!ReadName(statement_.name) || !Skip("on")) return false;
  Skip("only");
  return ReadName(statement_.table) && ReadRest();
}

bool StatementReader::ReadAlter() {
  if (!Skip("table")) return false;
  SkipIfExists();
  Skip("only");
  if (!ReadName(statement_.table)) return false;
  changes_column_ = Skip("alter");
  if (!changes_column_ && !Skip("add")) return false;
  const bool constraint = !changes_column_ && Skip("constraint");
  statement_.kind = constraint ? Wanted::kConstraint : Wanted::kColumn;
  if (!constraint) Skip("column");
  SkipIfExists();
  return ReadName(statement_.name) && ReadRest();
}

// To the parenthesis that ends what the one here begins.
bool StatementReader::ReadParentheses() {
  const absl::string_view begin = text_;
  int depth = 0;
  do {
    if (text_.empty()) return false;
    const SqlToken token = TakeSqlToken(text_);
    depth += IsSql(token, "(") ? 1 : 0;
    depth -= IsSql(token, ")") ? 1 : 0;
  } while (depth > 0);
  statement_.rest = std::string(begin.substr(0, begin.size() - text_.size()));
  return true;
}

// To the end of the statement, or of one of its several changes.
bool StatementReader::ReadRest() {
  const absl::string_view begin = text_;
  size_t end = 0;
  for (int depth = 0; !text_.empty(); end = begin.size() - text_.size()) {
    const SqlToken token = TakeSqlToken(text_);
    depth += IsSql(token, "(") ? 1 : 0;
    depth -= IsSql(token, ")") ? 1 : 0;
    if (depth < 0 || (depth == 0 && EndsStatement(token))) break;
  }
  statement_.rest = std::string(absl::StripAsciiWhitespace(begin.substr(0, end)));
  return !statement_.rest.empty();
}

}  // namespace davit::database
