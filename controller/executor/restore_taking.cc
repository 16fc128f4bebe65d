#include "controller/executor/restore_taking.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/executor/taking.h"

namespace davit::executor {
namespace {

using state::v1::DeploymentRecord;
using state::v1::StepRecord;

// The migration whose backup of before a restore by hand has put in place; the end: none of
// these, so that nobody knows which schema it has.
Histories::iterator MigrationBefore(const DeploymentRecord& record, const std::string& database,
                                    Histories& histories) {
  const std::string file = absl::StrCat("/", record.request().restore().file());
  return std::find_if(histories.begin(), histories.end(), [&](const auto& entry) {
    return entry.first.second == database && entry.first.first < record.view().id() &&
           absl::EndsWith(entry.second.history.backup().path(), file);
  });
}

// What was done since that backup is not there any more.
void GoBackTo(Histories::iterator migration, const DeploymentRecord& record,
              const std::string& database, Histories& histories) {
  const std::string& id = record.view().id();
  const std::string before = migration->first.first;
  for (auto it = migration; it != histories.end() && it->first.first < id;) {
    it = it->first.second == database ? histories.erase(it) : std::next(it);
  }
  EntryOfTaking(id, database, v1::SCHEMA_UNCHANGED, histories)
      .history.mutable_migration()
      ->add_gaps(absl::StrCat("the backup of before ", before, " was put in its place since: what ",
                              "was migrated from then on is not there any more"));
}

}  // namespace

absl::Status ApplyRestore(store::ReadTxn& txn, const DeploymentRecord& record, const Bounds& bounds,
                          DatabaseNames& names, Histories& histories) {
  const std::string& id = record.view().id();
  const auto database = names.NameNow(record.request().restore().database(), id);
  if (!database.ok()) return database.status();
  const auto bound = bounds.find(*database);
  if (bound == bounds.end() || id <= bound->second) return absl::OkStatus();
  const auto state = txn.GetDeployment(id);
  if (!state.ok()) return state.status();
  Taking taking = Taking::kNone;
  for (const StepRecord& step : state->steps) {
    if (step.spec().has_restore_database()) taking = std::max(taking, TakingOf(step));
  }
  if (taking == Taking::kNone) return absl::OkStatus();
  const auto migration = MigrationBefore(record, *database, histories);
  if (taking == Taking::kDone && migration != histories.end()) {
    GoBackTo(migration, record, *database, histories);
    return absl::OkStatus();
  }
  EntryOfTaking(id, *database, v1::SCHEMA_UNKNOWN, histories)
      .history.mutable_migration()
      ->add_gaps(absl::StrCat("the backup ", record.request().restore().file(),
                              " was put in its place since: what its schema has is not known"));
  return absl::OkStatus();
}

}  // namespace davit::executor
