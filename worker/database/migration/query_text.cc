#include "worker/database/migration/query_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "worker/database/migration/sql_token.h"

namespace davit::database {

std::string ShownQuery(absl::string_view sql, size_t most_bytes) {
  std::string shown;
  while (!sql.empty()) {
    const SqlToken token = TakeSqlToken(sql);
    if (token.kind == SqlTokenKind::kGap) {
      shown += ' ';
    } else if (token.kind == SqlTokenKind::kLiteral) {
      shown += '?';
    } else {
      absl::StrAppend(&shown, token.text);
    }
  }
  absl::RemoveExtraAsciiWhitespace(&shown);
  if (shown.size() <= most_bytes) return shown;
  size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(shown.substr(0, end), "…");
}

}  // namespace davit::database
