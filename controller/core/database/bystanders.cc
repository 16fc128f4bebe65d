#include "controller/core/database/bystanders.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/bystander.h"
#include "controller/core/database/schema_left.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/core/database/steps.h"

namespace davit::core {
namespace {

constexpr size_t kChangesNamed = 3;

// The migrations that its code is older than, and may not be able to bear.
std::vector<const v1::Migration*> UnsafeFor(const Bystander& bystander, const SchemaLeft& left) {
  std::vector<const v1::Migration*> unsafe;
  for (const state::v1::DatabaseHistory* history : left.earlier) {
    if (bystander.made_by < history->deployment_id()) unsafe.push_back(&history->migration());
  }
  if (!OldCodeCanRun(left.migration.meaning())) unsafe.push_back(&left.migration);
  return unsafe;
}

std::string ChangesText(const std::vector<const v1::Migration*>& migrations) {
  std::vector<std::string> sentences;
  for (const v1::Migration* migration : migrations) {
    for (const v1::SchemaChange& change : migration->changes()) {
      if (!OldCodeCanRun(change.meaning())) sentences.push_back(change.sentence());
    }
    sentences.insert(sentences.end(), migration->gaps().begin(), migration->gaps().end());
  }
  if (sentences.size() > kChangesNamed) {
    const size_t more = sentences.size() - kChangesNamed;
    sentences.resize(kChangesNamed);
    sentences.push_back(absl::StrCat("and ", more, " more"));
  }
  return absl::StrJoin(sentences, "; ");
}

// Empty: all of them can run on it.
std::string LeftSentence(const DeploymentState& state, const SchemaLeft& left) {
  std::vector<Bystander> hurt;
  std::vector<const v1::Migration*> unsafe;
  for (Bystander& bystander : BystandersOf(state, left.database)) {
    const auto migrations = UnsafeFor(bystander, left);
    if (migrations.size() > unsafe.size()) unsafe = migrations;
    if (!migrations.empty()) hurt.push_back(std::move(bystander));
  }
  if (hurt.empty()) return "";
  v1::SchemaMeaning meaning = v1::SCHEMA_UNCHANGED;
  for (const v1::Migration* migration : unsafe) {
    meaning = WorseMeaning(meaning, migration->meaning());
  }
  const bool one = hurt.size() == 1;
  return absl::StrCat("ATTENTION: ", BystanderNames(hurt), one ? " was" : " were",
                      " not deployed, and ", one ? "runs its" : "run their",
                      " code of before on database ", left.database, ", whose schema is ",
                      MeaningWord(meaning), " for ", one ? "it" : "them", " now (",
                      ChangesText(unsafe), "): see whether ", one ? "it answers" : "they answer",
                      ", and deploy ", one ? "it" : "them", " too: ", DeployCommands(state, hurt));
}

}  // namespace

std::vector<std::string> BystanderNotes(const DeploymentState& state) {
  std::vector<std::string> notes;
  for (const std::string& database : DatabasesMigrated(state.record)) {
    const std::vector<Bystander> bystanders = BystandersOf(state, database);
    if (bystanders.empty()) continue;
    const bool one = bystanders.size() == 1;
    notes.push_back(absl::StrCat(BystanderNames(bystanders), one ? " uses" : " use", " database ",
                                 database, " and ", one ? "is" : "are",
                                 " not deployed: ", one ? "it stays on its" : "they stay on their",
                                 " code of before, which has to bear what is migrated"));
  }
  return notes;
}

std::vector<std::string> BystandersLeft(const DeploymentState& state) {
  std::vector<std::string> sentences;
  for (const SchemaLeft& left : SchemasLeft(state)) {
    if (left.taken_back) continue;
    if (std::string sentence = LeftSentence(state, left); !sentence.empty()) {
      sentences.push_back(std::move(sentence));
    }
  }
  return sentences;
}

}  // namespace davit::core
