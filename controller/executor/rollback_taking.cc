#include "controller/executor/rollback_taking.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/core/database/schema_meaning.h"
#include "controller/executor/taking.h"

namespace davit::executor {
namespace {

using state::v1::DatabaseHistory;
using state::v1::DeploymentRecord;
using state::v1::StepRecord;

std::string DatabaseOf(const StepRecord& step) {
  return step.spec().has_restore_database() ? step.spec().restore_database().database().name()
                                            : step.view().takes_back();
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
      if (*name == database_ && core::MayHaveChanged(history)) changes_.push_back(&history);
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
        AddLack(id, histories);
      } else {
        taken = Drop(id, histories) || taken;
      }
    }
    // Where it succeeded, nobody goes the same way again.
    if (!taken || lacks || record_.view().state() == v1::SUCCEEDED) return;
    Entry(v1::SCHEMA_UNCHANGED, histories)
        .history.mutable_migration()
        ->add_gaps(
            "a rollback that failed later has taken it back already: that is not done again");
  }

  // What it wanted to take back may be there or not.
  void LeaveInDoubt(bool restores, Histories& histories) const {
    if (changes_.empty()) return;
    v1::Migration& migration = *Entry(v1::SCHEMA_UNKNOWN, histories).history.mutable_migration();
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
  PastChange& Entry(v1::SchemaMeaning meaning, Histories& histories) const {
    return EntryOfTaking(record_.view().id(), database_, meaning, histories);
  }
  void AddLack(const std::string& migrated, Histories& histories) const {
    PastChange& entry = Entry(v1::SCHEMA_UNKNOWN, histories);
    entry.is_lack = true;
    entry.history.mutable_migration()->add_gaps(
        absl::StrCat("a rollback has taken back what the migration of ", migrated,
                     " did, which this release may need: to deploy its image migrates again"));
  }
  // Whether there was such a change that could be dropped.
  bool Drop(const std::string& id, Histories& histories) const {
    const auto found = histories.find({id, database_});
    if (found == histories.end() || found->second.is_lack) return false;
    histories.erase(found);
    return true;
  }

  const DeploymentRecord& record_;
  const std::string database_, bound_;
  std::vector<const DatabaseHistory*> changes_;
};

}  // namespace

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

}  // namespace davit::executor
