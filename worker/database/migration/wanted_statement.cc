#include "worker/database/migration/wanted_statement.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "worker/database/migration/sql_token.h"
#include "worker/database/migration/statement_reader.h"

namespace davit::database {
namespace {

using Wanted = WantedStatement::Kind;

// Bytes that all statements begun may have together: an output may be anything.
constexpr size_t kMostRead = 4 << 20;

// At `text`, where a word begins.
bool BeginsStatement(absl::string_view text) {
  return absl::StartsWithIgnoreCase(text, "create") || absl::StartsWithIgnoreCase(text, "alter");
}

}  // namespace

bool MakesWhatIsThere(const WantedStatement& statement, const MigrationFailure& failure) {
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
    } else if (MakesWhatIsThere(*read, failure)) {
      wanted = std::move(read);
    }
  }
  if (wanted.has_value() && !CanBeTried(*wanted)) return std::nullopt;
  return wanted;
}

}  // namespace davit::database
