#include "worker/database/migration/migration_origin.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "worker/database/migration/message_pattern.h"

namespace davit::database {
namespace {

struct OriginRule {
  MigrationFramework framework;
  absl::string_view pattern;  // MatchMessage's; a star is the migration's name
};

constexpr OriginRule kOriginRules[] = {
    {MigrationFramework::kDjango, "  Applying *..."},
    {MigrationFramework::kRails, "== *: migrating ="},
    {MigrationFramework::kFlyway, "Migration * failed"},
    {MigrationFramework::kFlyway, "Script * failed"},
    {MigrationFramework::kPsql, "psql:*:"},
    {MigrationFramework::kDjango, "django."},
    {MigrationFramework::kDjango, "makemigrations --merge"},
    {MigrationFramework::kRails, "rails aborted!"},
    {MigrationFramework::kRails, "rake aborted!"},
    {MigrationFramework::kRails, "ActiveRecord::"},
    {MigrationFramework::kFlyway, "Flyway"},
    {MigrationFramework::kFlyway, "flyway"},
};

}  // namespace

MigrationOrigin OriginOf(absl::string_view output) {
  MigrationOrigin origin;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    for (const OriginRule& rule : kOriginRules) {
      const auto found = MatchMessage(rule.pattern, line);
      if (!found.has_value()) continue;
      // "psql: error: …" is of no file.
      if (!found->empty() && absl::StartsWith(found->front(), " ")) break;
      if (origin.framework == MigrationFramework::kUnknown) origin.framework = rule.framework;
      if (origin.framework == rule.framework && !found->empty()) origin.migration = found->front();
      break;
    }
  }
  return origin;
}

bool SpeaksOfIndex(absl::string_view output) {
  // Rails says what it begins: only the last of that failed.
  const size_t last = output.rfind("\n-- ");
  if (last != absl::string_view::npos) output.remove_prefix(last);
  const std::string words = absl::AsciiStrToUpper(output);
  for (const absl::string_view word :
       {"CREATE INDEX", "CREATE UNIQUE INDEX", "ADD_INDEX", "SELF.EXECUTE(INDEX."}) {
    if (absl::StrContains(words, word)) return true;
  }
  return false;
}

}  // namespace davit::database
