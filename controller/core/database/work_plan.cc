// The steps of deployments that release nothing.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/core/database/access.h"
#include "controller/core/database/steps.h"
#include "controller/core/database/work.h"
#include "controller/core/database/work_down.h"
#include "controller/core/database/work_stops.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/survey.h"
#include "controller/core/restoration/restore_steps.h"

namespace davit::core {
namespace {

// On the host that works on databases, each step after the one before.
class DatabaseChain {
 public:
  DatabaseChain(const DeploymentState& state, PlanBuilder& plan)
      : record_(state.record), plan_(plan) {}

  absl::Status Wait(const std::string& name) { return Add(name, WaitForDatabase); }

  absl::Status BackUp(const std::string& name) { return Add(name, BackUpDatabase); }

  absl::Status Load(const v1::RestoreRequest& restore) {
    loading_step_id_ = plan_.NextId();
    return Add(restore.database(), [&](const state::v1::DeploymentRecord& record,
                                       const worker::v1::DatabaseAccess& access) {
      return LoadBackup(BackupOf(record, access, restore));
    });
  }

  // What was loaded.
  absl::Status Restore(const v1::RestoreRequest& restore) {
    return Add(restore.database(), [&](const state::v1::DeploymentRecord& record,
                                       const worker::v1::DatabaseAccess& access) {
      return RestoreDatabase(BackupOf(record, access, restore), loading_step_id_);
    });
  }

  // What is added next waits for no step of this chain.
  void Cut() { after_.clear(); }

 private:
  static BackupToRestore BackupOf(const state::v1::DeploymentRecord& record,
                                  const worker::v1::DatabaseAccess& access,
                                  const v1::RestoreRequest& restore) {
    const v1::DatabaseBackup& declared =
        record.request().spec().databases().at(restore.database()).backup();
    return {.host = DatabaseHost(record),
            .database = access,
            .directory = declared.directory(),
            .file = restore.file(),
            .sha256 = record.backup().sha256(),
            .timeout = RestoreTimeoutOf(declared)};
  }

  template <typename Make>
  absl::Status Add(const std::string& name, const Make& make) {
    auto access = DatabaseAccessOf(record_, name);
    if (!access.ok()) return access.status();
    NewStep step = make(record_, *access);
    step.after = after_;
    after_ = {plan_.Add(std::move(step))};
    return absl::OkStatus();
  }

  const state::v1::DeploymentRecord& record_;
  PlanBuilder& plan_;
  std::vector<int> after_;
  std::string loading_step_id_;
};

absl::Status PlanWaits(const DeploymentState& state, DatabaseChain& chain) {
  for (const std::string& name : DatabasesOfWork(state.record.request())) {
    if (absl::Status status = chain.Wait(name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status PlanBackups(const DeploymentState& state, DatabaseChain& chain, PlanBuilder& plan) {
  plan.NextWave();
  chain.Cut();
  for (const std::string& name : DatabasesOfWork(state.record.request())) {
    if (absl::Status status = chain.BackUp(name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// The apps serve while the backup is loaded. Who depends on another one is stopped before it,
// and put back after it. All are back before the first is checked: a check that fails must not
// keep others down.
absl::Status PlanRestore(const DeploymentState& state, const Stops& stops, DatabaseChain& chain,
                         PlanBuilder& plan) {
  const v1::RestoreRequest& restore = state.record.request().restore();
  plan.NextWave();
  chain.Cut();
  absl::Status status = chain.Load(restore);
  if (!status.ok()) return status;
  plan.NextWave();
  AddStops(stops, plan);
  plan.NextWave();
  chain.Cut();
  status = chain.Restore(restore);
  if (!status.ok()) return status;
  plan.NextWave();
  AddPutBacks(stops, plan);
  plan.NextWave();
  AddHealthChecks(stops, plan);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<state::v1::StepRecord>> MakeDatabasePlan(const DeploymentState& state) {
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return survey.status();
  const absl::StatusOr<Stops> stops = FindStops(state.record, *survey);
  if (!stops.ok()) return stops.status();
  PlanBuilder plan(state.record.view().id(), static_cast<int>(state.steps.size()));
  DatabaseChain chain(state, plan);
  plan.NextWave();
  absl::Status status = PlanWaits(state, chain);
  if (status.ok() && !state.record.check_only()) {
    status = state.record.request().has_backup() ? PlanBackups(state, chain, plan)
                                                 : PlanRestore(state, *stops, chain, plan);
  }
  if (!status.ok()) return status;
  return std::move(plan).Take();
}

std::vector<std::string> DatabaseWorkNotes(const DeploymentState& state) {
  if (!state.record.request().has_restore()) return {};
  const std::string& database = state.record.request().restore().database();
  std::vector<std::string> notes = {
      absl::StrCat("what was written to database ", database,
                   " since the backup was begun is not in it; the database of now stays on its "
                   "server, under another name")};
  const absl::StatusOr<Survey> survey = ReadSurvey(state);
  if (!survey.ok()) return notes;
  const absl::StatusOr<Stops> stops = FindStops(state.record, *survey);
  if (!stops.ok()) return notes;
  std::map<std::string, std::vector<std::string>> hosts;  // by version
  for (const StopOfApp& stop : *stops) {
    if (stop.standing == Standing::kUp) hosts[stop.version].push_back(stop.host);
  }
  for (const auto& [version, where] : hosts) {
    notes.push_back(absl::StrCat(absl::StrJoin(where, ", "), ": ", version,
                                 " is down from when the backup is loaded until it is in place"));
  }
  if (hosts.empty()) {
    notes.push_back(absl::StrCat("none of the apps that use database ", database, " is running"));
  }
  for (std::string& note : DownNotes(*stops)) notes.push_back(std::move(note));
  return notes;
}

}  // namespace davit::core
