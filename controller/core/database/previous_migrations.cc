#include "controller/core/database/previous_migrations.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/spec/rollback_template.h"

namespace davit::core {
namespace {

constexpr char kNothingApplied[] = "zero";

std::string FillWord(const std::string& word, const PreviousMigrations& previous) {
  const auto filled = spec::RenderPrevious(word, [&previous](absl::string_view label) {
    const auto found = previous.find(std::string(label));
    return found == previous.end() || found->second.empty() ? kNothingApplied : found->second;
  });
  // It was declared when other places were not refused yet.
  return filled.value_or(word);
}

std::set<std::string> LabelsIn(const v1::DatabaseMigration& declared) {
  std::set<std::string> labels;
  for (const std::string& word : declared.rollback_command()) {
    spec::RenderPrevious(word, [&labels](absl::string_view label) {
      labels.insert(std::string(label));
      return std::string();
    }).IgnoreError();  // what cannot be rendered is run as it is
  }
  return labels;
}

}  // namespace

std::vector<std::string> FillPrevious(const std::vector<std::string>& command,
                                      const PreviousMigrations& previous) {
  std::vector<std::string> filled;
  for (const std::string& word : command) filled.push_back(FillWord(word, previous));
  return filled;
}

std::optional<std::string> WhyNotFilled(const v1::DatabaseMigration& declared,
                                        const PreviousMigrations& previous, bool gaps) {
  const std::set<std::string> labels = LabelsIn(declared);
  if (!labels.empty() && gaps) {
    return "wants to know what was applied before, which could not be looked at";
  }
  for (const std::string& label : labels) {
    if (!previous.contains(label)) {
      return absl::StrCat("names {{previous:", label, "}}, and no migration that was applied is ",
                          label.empty() ? "without a label" : absl::StrCat("of ", label));
    }
  }
  return std::nullopt;
}

}  // namespace davit::core
