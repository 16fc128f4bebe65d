#include "worker/database/migration/wanted_script.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/migration/sql_token.h"
#include "worker/database/migration/statement_reader.h"

namespace davit::database {
namespace {

constexpr size_t kShownOfStatement = 60;

// Django's comment where there is no SQL to print: of RunPython, and of what must be run to be
// known.
bool IsDoneElsewhere(absl::string_view gap) {
  return absl::StrContains(gap, "CANNOT BE WRITTEN AS SQL");
}

bool ChangesNothing(absl::string_view statement) {
  const SqlToken first = TakeSqlToken(statement);
  for (const absl::string_view word : {"begin", "commit", "set"}) {
    if (IsSql(first, word)) return true;
  }
  return false;
}

std::string Shortened(absl::string_view statement) {
  const std::string line(statement.substr(0, statement.find('\n')));
  if (line.size() <= kShownOfStatement && line.size() == statement.size()) return line;
  return absl::StrCat(line.substr(0, kShownOfStatement), "…");
}

// Where something is left behind what was read, the statement does more.
std::optional<WantedStatement> ReadWhole(absl::string_view text, bool& changes_column) {
  StatementReader reader(text);
  std::optional<WantedStatement> read = reader.Read();
  changes_column = reader.changes_column();
  if (reader.bytes_read() < text.size()) return std::nullopt;
  return read;
}

class ScriptReader {
 public:
  void AddStatement(absl::string_view text) {
    text = absl::StripAsciiWhitespace(text);
    if (text.empty() || ChangesNothing(text)) return;
    bool changes_column = false;
    std::optional<WantedStatement> read = ReadWhole(text, changes_column);
    if (read.has_value() && !changes_column) {
      script_.makes.push_back(*std::move(read));
    } else if (!read.has_value() || !AddLater(*read)) {
      script_.others.push_back(Shortened(text));
    }
  }
  void AddElsewhere() { script_.others.emplace_back("an operation that is no SQL"); }
  WantedScript Take() { return std::move(script_); }

 private:
  // What is done to a column that the script has made itself.
  bool AddLater(const WantedStatement& change) {
    for (WantedStatement& made : script_.makes) {
      if (made.kind == WantedStatement::Kind::kColumn && made.table == change.table &&
          made.name == change.name) {
        made.later.push_back(change.rest);
        return true;
      }
    }
    return false;
  }

  WantedScript script_;
};

}  // namespace

WantedScript ReadWantedScript(absl::string_view script) {
  ScriptReader reader;
  absl::string_view rest = script;
  absl::string_view statement = script.substr(0, 0);
  while (!rest.empty()) {
    const absl::string_view at = rest;
    const SqlToken token = TakeSqlToken(rest);
    const bool gap = token.kind == SqlTokenKind::kGap;
    if (gap && IsDoneElsewhere(token.text)) reader.AddElsewhere();
    if (IsSql(token, ";")) {
      reader.AddStatement(statement);
      statement = rest.substr(0, 0);
    } else if (!statement.empty() || !gap) {
      const absl::string_view begin = statement.empty() ? at : statement;
      statement = absl::string_view(begin.data(), rest.data() - begin.data());
    }
  }
  reader.AddStatement(statement);
  return reader.Take();
}

}  // namespace davit::database
