#include "controller/core/database/bystanders.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/schema_left.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/core/database/steps.h"
#include "controller/core/database/users.h"
#include "controller/core/database/work_down.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

constexpr size_t kChangesNamed = 3;

// A container each of those that run, by app.
using Bystanders = std::map<std::string, const ObservedContainer*>;

bool IsReleased(const DeploymentState& state, const std::string& app) {
  const auto& releases = state.record.view().releases();
  return std::any_of(releases.begin(), releases.end(),
                     [&](const v1::Release& release) { return release.app() == app; });
}

Bystanders BystandersOf(const DeploymentState& state, const std::string& database) {
  Bystanders found;
  for (const std::string& app : UsersOf(state.record.request().spec(), database)) {
    if (IsReleased(state, app)) continue;
    for (const state::v1::StepRecord& step : state.steps) {
      if (!step.spec().has_observe()) continue;
      for (const ObservedContainer& container : step.outputs().observe().containers()) {
        if (IsUp(container) && IsContainerOf(container, app, state.record)) found[app] = &container;
      }
    }
  }
  return found;
}

std::string BystanderVersions(const Bystanders& bystanders) {
  std::vector<std::string> versions;
  for (const auto& [app, container] : bystanders) {
    const int64_t number = ReleaseOf(*container);
    versions.push_back(number == 0 ? app : AppVersion(app, number));
  }
  return absl::StrJoin(versions, ", ");
}

// The migrations that the container's code is older than, and may not be able to bear.
std::vector<const v1::Migration*> UnsafeFor(const ObservedContainer& container,
                                            const SchemaLeft& left) {
  std::vector<const v1::Migration*> unsafe;
  const absl::string_view made_by = LabelOf(container, kDeploymentLabel);
  for (const state::v1::DatabaseHistory* history : left.earlier) {
    if (made_by < history->deployment_id()) unsafe.push_back(&history->migration());
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
  Bystanders hurt = BystandersOf(state, left.database);
  std::vector<const v1::Migration*> unsafe;
  for (auto it = hurt.begin(); it != hurt.end();) {
    const auto migrations = UnsafeFor(*it->second, left);
    if (migrations.size() > unsafe.size()) unsafe = migrations;
    it = migrations.empty() ? hurt.erase(it) : std::next(it);
  }
  if (hurt.empty()) return "";
  v1::SchemaMeaning meaning = v1::SCHEMA_UNCHANGED;
  for (const v1::Migration* migration : unsafe) {
    meaning = WorseMeaning(meaning, migration->meaning());
  }
  const bool one = hurt.size() == 1;
  const std::string apps = absl::StrJoin(
      hurt, " ", [](std::string* text, const auto& bystander) { text->append(bystander.first); });
  return absl::StrCat("ATTENTION: ", BystanderVersions(hurt), one ? " was" : " were",
                      " not deployed, and ", one ? "runs its" : "run their",
                      " code of before on database ", left.database, ", whose schema is ",
                      MeaningWord(meaning), " for ", one ? "it" : "them", " now (",
                      ChangesText(unsafe), "): see whether ", one ? "it answers" : "they answer",
                      ", and deploy ", one ? "it" : "them", " too: `davit deploy ", apps, " -e ",
                      state.record.view().environment(), "`");
}

}  // namespace

std::vector<std::string> BystanderNotes(const DeploymentState& state) {
  std::vector<std::string> notes;
  for (const std::string& database : DatabasesMigrated(state.record)) {
    const Bystanders bystanders = BystandersOf(state, database);
    if (bystanders.empty()) continue;
    const bool one = bystanders.size() == 1;
    notes.push_back(absl::StrCat(BystanderVersions(bystanders), one ? " uses" : " use",
                                 " database ", database, " and ", one ? "is" : "are",
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
