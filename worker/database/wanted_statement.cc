// Finds a statement in what a migration has said, which is text of any kind.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/sql_token.h"
#include "worker/database/wanted_object.h"

namespace davit::database {
namespace {

using Wanted = WantedStatement::Kind;

// Longer ones are no statements that people write.
constexpr size_t kLongestStatement = 64 << 10;
// Nor are more of them begun than make this many bytes together: an output may be anything.
constexpr size_t kMostRead = 4 << 20;

// Reads one statement from its first word on.
class StatementReader {
 public:
  explicit StatementReader(absl::string_view text)
      : whole_(text.substr(0, kLongestStatement)), text_(whole_) {}

  std::optional<WantedStatement> Read() {
    const bool read = Skip("create") ? ReadCreate() : Skip("alter") && ReadAlter();
    if (!read) return std::nullopt;
    return std::move(statement_);
  }

  // Whether it changes a column that is there: then `rest` is how.
  bool changes_column() const { return changes_column_; }
  size_t bytes_read() const { return whole_.size() - text_.size(); }

 private:
  // What follows, without taking it.
  SqlToken Peek() {
    while (!text_.empty()) {
      absl::string_view rest = text_;
      const SqlToken token = TakeSqlToken(rest);
      if (token.kind != SqlTokenKind::kGap) return token;
      text_ = rest;
    }
    return {};
  }
  SqlToken Take() {
    const SqlToken token = Peek();
    text_.remove_prefix(token.text.size());
    return token;
  }
  bool Skip(absl::string_view word) {
    if (!IsSql(Peek(), word)) return false;
    Take();
    return true;
  }
  void SkipIf() {
    if (!Skip("if")) return;
    Skip("not");
    Skip("exists");
  }

  // The last part of schema.name.
  bool ReadName(std::string& name) {
    do {
      const SqlToken token = Take();
      if (token.kind != SqlTokenKind::kWord && token.kind != SqlTokenKind::kName) return false;
      name = SqlName(token);
    } while (Skip("."));
    return true;
  }

  bool ReadCreate() {
    if (Skip("table")) {
      SkipIf();
      if (!ReadName(statement_.name)) return false;
      statement_.table = statement_.name;
      return IsSql(Peek(), "(") && ReadParentheses();
    }
    statement_.unique = Skip("unique");
    if (!Skip("index")) return false;
    statement_.kind = Wanted::kIndex;
    Skip("concurrently");
    SkipIf();
    if (!ReadName(statement_.name) || !Skip("on")) return false;
    Skip("only");
    return ReadName(statement_.table) && ReadRest();
  }

  bool ReadAlter() {
    if (!Skip("table")) return false;
    SkipIf();
    Skip("only");
    if (!ReadName(statement_.table)) return false;
    changes_column_ = Skip("alter");
    if (!changes_column_ && !Skip("add")) return false;
    const bool constraint = !changes_column_ && Skip("constraint");
    statement_.kind = constraint ? Wanted::kConstraint : Wanted::kColumn;
    if (!constraint) Skip("column");
    SkipIf();
    return ReadName(statement_.name) && ReadRest();
  }

  // To the parenthesis that ends what the one here begins.
  bool ReadParentheses() {
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
  bool ReadRest() {
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

  static bool EndsStatement(const SqlToken& token) {
    for (const absl::string_view sign : {";", ",", "]"}) {
      if (IsSql(token, sign)) return true;
    }
    return token.kind == SqlTokenKind::kGap && absl::StrContains(token.text, "\n\n");
  }

  const absl::string_view whole_;
  absl::string_view text_;
  WantedStatement statement_;
  bool changes_column_ = false;
};

bool Makes(const WantedStatement& statement, const MigrationFailure& failure) {
  if (failure.object.empty() || statement.name != failure.object) return false;
  if (!failure.table.empty() && statement.table != failure.table) return false;
  switch (failure.kind) {
    case MigrationFailureKind::kDuplicateTable:
      return statement.kind == Wanted::kTable || statement.kind == Wanted::kIndex;
    case MigrationFailureKind::kDuplicateIndex:
      return statement.kind == Wanted::kIndex;
    case MigrationFailureKind::kDuplicateColumn:
      return statement.kind == Wanted::kColumn;
    case MigrationFailureKind::kDuplicateConstraint:
      return statement.kind == Wanted::kConstraint;
    default:
      return false;
  }
}

// A backslash may mean another thing to the server than to the one who reads here.
bool CanBeTried(const WantedStatement& statement) {
  for (absl::string_view rest = statement.rest; !rest.empty();) {
    if (IsSql(TakeSqlToken(rest), "references")) return false;
  }
  return !absl::StrContains(statement.rest, '\\');
}

// At `text`, where a word begins.
bool BeginsStatement(absl::string_view text) {
  return absl::StartsWithIgnoreCase(text, "create") || absl::StartsWithIgnoreCase(text, "alter");
}

}  // namespace

std::optional<WantedStatement> FindWanted(absl::string_view text, const MigrationFailure& failure) {
  std::optional<WantedStatement> wanted;
  bool in_word = false;
  size_t read_bytes = 0;
  for (size_t at = 0; at < text.size() && read_bytes < kMostRead; ++at) {
    const bool begins = !in_word && BeginsStatement(text.substr(at));
    in_word = absl::ascii_isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_';
    if (!begins) continue;
    StatementReader reader(text.substr(at));
    std::optional<WantedStatement> read = reader.Read();
    read_bytes += reader.bytes_read();
    if (!read.has_value()) continue;
    if (reader.changes_column()) {
      const bool same = wanted.has_value() && wanted->kind == Wanted::kColumn &&
                        wanted->table == read->table && wanted->name == read->name;
      if (same) wanted->later.push_back(std::move(read->rest));
    } else if (Makes(*read, failure)) {
      wanted = std::move(read);
    }
  }
  if (wanted.has_value() && !CanBeTried(*wanted)) return std::nullopt;
  return wanted;
}

}  // namespace davit::database
