#include "controller/core/restoration/restoration_unrecorded.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restoration_text.h"

namespace davit::core {
namespace {

using worker::v1::ObservedContainer;

// The database of a placed app; empty: it has none.
std::string DatabaseOf(const Rollout& rollout, const Placement& placement) {
  if (!placement.app->database().empty()) return placement.app->database();
  const auto live = rollout.record->previous().find(placement.release->app());
  return live == rollout.record->previous().end() ? "" : live->second.app().database();
}

// Numbers are given in order, so all those on record are below the new release's.
std::vector<int64_t> Unrecorded(const Placement& placement) {
  std::vector<const ObservedContainer*> containers = placement.before.leftovers;
  if (placement.before.serving_release > 0) containers.push_back(placement.before.serving);
  std::vector<int64_t> numbers;
  for (const ObservedContainer* container : containers) {
    if (ReleaseOf(*container) >= placement.release->number()) {
      numbers.push_back(ReleaseOf(*container));
    }
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

// By the backup that takes its place, what was migrated since is gone, whoever did it.
bool IsReplaced(const Rollout& rollout, const std::string& database) {
  const auto replaced = SchemasWithFate(*rollout.record, SchemaFate::kIsReplaced);
  return std::any_of(replaced.begin(), replaced.end(),
                     [&](const auto& one) { return one.first == database; });
}

std::vector<std::string> Sentences(const Rollout& rollout) {
  std::vector<std::string> sentences;
  if (!rollout.record->request().has_rollback()) return sentences;
  for (const std::vector<Placement>& host : rollout.placements) {
    for (const Placement& placement : host) {
      const std::string database = DatabaseOf(rollout, placement);
      if (database.empty() || IsReplaced(rollout, database)) continue;
      for (const int64_t number : Unrecorded(placement)) {
        sentences.push_back(
            absl::StrCat(placement.host, ": there is a container of ",
                         AppVersion(placement.release->app(), number),
                         ", of which this controller has no record: what was migrated in ",
                         database, " for it is not known"));
      }
    }
  }
  return sentences;
}

}  // namespace

absl::Status CheckUnrecorded(const Rollout& rollout) {
  if (rollout.record->request().rollback().schema() == v1::RollbackRequest::KEEP) {
    return absl::OkStatus();
  }
  std::vector<std::string> sentences = Sentences(rollout);
  if (sentences.empty()) return absl::OkStatus();
  v1::Failure failure = MakeFailure(
      v1::SCHEMA_NOT_SAFE,
      "a newer release was there that is not on record, and the older one may not be able to work "
      "with what it has migrated; nothing was touched",
      std::move(sentences));
  failure.set_likely_cause("the controller has an older copy of its state");
  failure.set_next_command(absl::StrCat(
      "deploy the image of the release that you want, which migrates, or, if you know that it can "
      "run on the schema, `davit rollback ",
      absl::StrJoin(rollout.record->request().apps(), " "), " -e ",
      rollout.record->view().environment(), ToReleases(rollout.record->request()),
      " --schema keep`"));
  return FailureStatus(failure);
}

std::vector<std::string> UnrecordedNotes(const Rollout& rollout) { return Sentences(rollout); }

}  // namespace davit::core
