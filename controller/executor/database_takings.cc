#include "controller/executor/database_takings.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;
using state::v1::StepRecord;

constexpr char kHasTakenBack[] = "a rollback has taken back what the migration of ";

// How it went with one database.
enum class Taking { kNone, kUnsure, kDone };

// A backup is in its place or it is not: a restore that has failed has changed nothing. Of a
// command that has failed nobody knows how far it came.
Taking TakingOf(const StepRecord& step) {
  const v1::StepState state = step.view().state();
  if (step.view().attempt() == 0) return Taking::kNone;
  if (state == v1::STEP_SUCCEEDED) return Taking::kDone;
  return step.spec().has_restore_database() && state == v1::STEP_FAILED ? Taking::kNone
                                                                        : Taking::kUnsure;
}

std::string DatabaseOf(const StepRecord& step) {
  return step.spec().has_restore_database() ? step.spec().restore_database().database().name()
                                            : step.view().takes_back();
}

bool MayHaveChanged(const DatabaseHistory& history) {
  return history.has_migration() && history.migration().meaning() != v1::SCHEMA_UNCHANGED;
}

// The entry for what the rollback itself is to the database.
DatabaseHistory& EntryOf(const std::string& id, const std::string& database,
                         v1::SchemaMeaning meaning, Histories& histories) {
  DatabaseHistory& entry = histories[{id, database}];
  entry.set_database(database);
  entry.set_deployment_id(id);
  // It is no migration: what is declared takes back, and here something would be brought.
  entry.clear_declared();
  entry.mutable_migration()->set_meaning(meaning);
  return entry;
}

// A rollback and one database that it has dealt with.
class Rollback {
 public:
  Rollback(const DeploymentRecord& record, std::string database, std::string bound)
      : record_(record), database_(std::move(database)), bound_(std::move(bound)) {}

  absl::Status ReadChanges(DatabaseNames& names) {
    for (const DatabaseHistory& history : record_.since()) {
      const auto name = names.NameNow(history.database(), record_.view().id());
      if (!name.ok()) return name.status();
      if (*name == database_ && MayHaveChanged(history)) changes_.push_back(&history);
    }
    return absl::OkStatus();
  }

  // A release from before the rollback lacks what it took back of the migrations up to that
  // release: nothing would migrate again.
  void TakeBack(Histories& histories) const {
    bool lacks = false, taken = false;
    for (const DatabaseHistory* change : changes_) {
      const std::string& id = change->deployment_id();
      if (id <= bound_) {
        lacks = true;
        Lacks(id, histories);
      } else {
        taken = Drop(id, histories) || taken;
      }
    }
    // Where it succeeded, nobody goes the same way again.
    if (!taken || lacks || record_.view().state() == v1::SUCCEEDED) return;
    Entry(v1::SCHEMA_UNCHANGED, histories)
        .mutable_migration()
        ->add_gaps(
            "a rollback that failed later has taken it back already: that is not done again");
  }

  // What it wanted to take back may be there or not.
  void LeaveInDoubt(bool restores, Histories& histories) const {
    if (changes_.empty()) return;
    v1::Migration& migration = *Entry(v1::SCHEMA_UNKNOWN, histories).mutable_migration();
    if (restores) {
      migration.add_gaps("a rollback may have put a backup in its place: nobody knows whether");
      return;
    }
    v1::SchemaChange& change = *migration.add_changes();
    change.set_sentence("The rollback_command was begun by a rollback, and did not succeed");
    change.set_meaning(v1::SCHEMA_UNKNOWN);
    change.set_reason("what it has done already stays");
  }

 private:
  DatabaseHistory& Entry(v1::SchemaMeaning meaning, Histories& histories) const {
    return EntryOf(record_.view().id(), database_, meaning, histories);
  }
  void Lacks(const std::string& migrated, Histories& histories) const {
    Entry(v1::SCHEMA_UNKNOWN, histories)
        .mutable_migration()
        ->add_gaps(absl::StrCat(kHasTakenBack, migrated,
                                " did, which this release may need: to deploy its image migrates "
                                "again"));
  }
  // What an earlier one took back is not there again. Whether there was such a change.
  bool Drop(const std::string& id, Histories& histories) const {
    const auto found = histories.find({id, database_});
    if (found == histories.end()) return false;
    for (const std::string& gap : found->second.migration().gaps()) {
      if (gap.rfind(kHasTakenBack, 0) == 0) return false;
    }
    histories.erase(found);
    return true;
  }

  const DeploymentRecord& record_;
  const std::string database_, bound_;
  std::vector<const DatabaseHistory*> changes_;
};

absl::Status ApplyRollback(store::ReadTxn& txn, const DeploymentRecord& record,
                           const Bounds& bounds, DatabaseNames& names, Histories& histories) {
  const auto state = txn.GetDeployment(record.view().id());
  if (!state.ok()) return state.status();
  for (const StepRecord& step : state->steps) {
    const Taking taking = TakingOf(step);
    if (taking == Taking::kNone || DatabaseOf(step).empty()) continue;
    const auto database = names.NameNow(DatabaseOf(step), record.view().id());
    if (!database.ok()) return database.status();
    const auto bound = bounds.find(*database);
    if (bound == bounds.end() || bound->second >= record.view().id()) continue;
    Rollback rollback(record, *database, bound->second);
    if (absl::Status status = rollback.ReadChanges(names); !status.ok()) return status;
    if (taking == Taking::kDone) {
      rollback.TakeBack(histories);
    } else {
      rollback.LeaveInDoubt(step.spec().has_restore_database(), histories);
    }
  }
  return absl::OkStatus();
}

// The migration whose backup of before a restore by hand has put in place; the end: none of
// these, so that nobody knows which schema it has.
Histories::iterator MigrationBefore(const DeploymentRecord& record, const std::string& database,
                                    Histories& histories) {
  const std::string file = absl::StrCat("/", record.request().restore().file());
  return std::find_if(histories.begin(), histories.end(), [&](const auto& entry) {
    return entry.first.second == database && entry.first.first < record.view().id() &&
           absl::EndsWith(entry.second.backup().path(), file);
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
  EntryOf(id, database, v1::SCHEMA_UNCHANGED, histories)
      .mutable_migration()
      ->add_gaps(absl::StrCat("the backup of before ", before, " was put in its place since: what ",
                              "was migrated from then on is not there any more"));
}

// It may have taken back any of what was done before it, or have brought it again.
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
  EntryOf(id, *database, v1::SCHEMA_UNKNOWN, histories)
      .mutable_migration()
      ->add_gaps(absl::StrCat("the backup ", record.request().restore().file(),
                              " was put in its place since: what its schema has is not known"));
  return absl::OkStatus();
}

}  // namespace

bool MayTakeBack(const DeploymentRecord& record) {
  const v1::RollbackRequest::Schema schema = record.request().rollback().schema();
  return record.request().has_restore() || schema == v1::RollbackRequest::COMMAND ||
         schema == v1::RollbackRequest::RESTORE;
}

absl::Status ApplyTaking(store::ReadTxn& txn, const DeploymentRecord& record, const Bounds& bounds,
                         DatabaseNames& names, Histories& histories) {
  return record.request().has_restore() ? ApplyRestore(txn, record, bounds, names, histories)
                                        : ApplyRollback(txn, record, bounds, names, histories);
}

}  // namespace davit::executor
