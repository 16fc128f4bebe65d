#include "worker/database/migration/migration_failure.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "worker/database/migration/error_line.h"
#include "worker/database/migration/message_pattern.h"
#include "worker/database/migration/migration_advice.h"
#include "worker/database/migration/migration_failure_rules.h"
#include "worker/database/migration/migration_origin.h"

namespace davit::database {
namespace {

constexpr size_t kMostEvidence = 300;

struct Recognized {
  const MigrationFailureRule* rule = nullptr;
  std::vector<std::string> found;
  absl::string_view line;
};

Recognized RecognizeLine(absl::string_view line) {
  for (const MigrationFailureRule& rule : MigrationFailureRules()) {
    auto found = MatchMessage(rule.pattern, line);
    if (found.has_value()) return {&rule, *std::move(found), line};
  }
  return {};
}

// The last one that names something, if it is of the same kind as the last at all.
Recognized RecognizeLast(absl::string_view output) {
  Recognized last;
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    if (SaysNoError(line)) continue;
    Recognized one = RecognizeLine(line);
    if (one.rule == nullptr) continue;
    const bool says_less = last.rule != nullptr && one.found.empty() && !last.found.empty() &&
                           one.rule->kind == last.rule->kind;
    if (!says_less) last = std::move(one);
  }
  return last;
}

// Without quotes, and what Flyway and psycopg put behind.
std::string ObjectName(absl::string_view name) {
  name = absl::StripAsciiWhitespace(name);
  while (!name.empty() && absl::StrContains(".,;", name.substr(name.size() - 1))) {
    name.remove_suffix(1);
  }
  return std::string(name);
}

std::string StarOf(const Recognized& recognized, int star) {
  if (star < 0 || star >= static_cast<int>(recognized.found.size())) return "";
  return ObjectName(recognized.found[star]);
}

}  // namespace

std::optional<MigrationFailure> RecognizeMigrationFailure(absl::string_view output) {
  const Recognized recognized = RecognizeLast(output);
  if (recognized.rule == nullptr) return std::nullopt;
  const MigrationFailureRule& rule = *recognized.rule;
  const MigrationOrigin origin = OriginOf(output);
  MigrationFailure failure;
  failure.kind = rule.kind;
  failure.framework = origin.framework;
  failure.migration = origin.migration;
  if (!rule.noun.empty()) failure.object = StarOf(recognized, rule.object);
  failure.table = StarOf(recognized, rule.table);
  absl::string_view noun = rule.noun;
  if (rule.kind == MigrationFailureKind::kDuplicateTable && SpeaksOfIndex(output)) {
    failure.kind = MigrationFailureKind::kDuplicateIndex;
    noun = "index";
  }
  failure.evidence =
      std::string(absl::StripAsciiWhitespace(recognized.line).substr(0, kMostEvidence));
  AddAdvice(noun, failure);
  return failure;
}

}  // namespace davit::database
