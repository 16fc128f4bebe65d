#include "controller/core/plan/inverse.h"

#include "controller/core/observed.h"

namespace davit::core {
namespace {

using worker::v1::StepSpec;

StepSpec UndoCreateResources(const StepSpec&, const InverseContext& context) {
  StepSpec undo;
  undo.mutable_remove_resources()->set_creating_step_id(context.step_id);
  return undo;
}

StepSpec UndoWriteFiles(const StepSpec& step, const InverseContext&) {
  StepSpec undo;
  undo.mutable_remove_files()->set_files_directory(
      step.write_files().container().files_directory());
  return undo;
}

StepSpec UndoStop(const StepSpec& step, const InverseContext& context) {
  StepSpec undo;
  worker::v1::PutBack& put_back = *undo.mutable_put_back();
  put_back.set_container_id(step.stop_container().container_id());
  if (context.stopped != nullptr) {
    put_back.set_name(context.stopped->name());
    put_back.set_restart_policy(context.stopped->restart_policy());
    put_back.set_was_running(IsUp(*context.stopped));
  }
  if (context.record != nullptr) *put_back.mutable_record() = *context.record;
  return undo;
}

StepSpec UndoStart(const StepSpec& step, const InverseContext& context) {
  StepSpec undo;
  worker::v1::RemoveContainer& remove = *undo.mutable_remove_container();
  remove.set_candidate_name(step.start_container().candidate_name());
  remove.set_starting_step_id(context.step_id);
  *remove.mutable_grace_period() = step.start_container().container().stop_grace_period();
  return undo;
}

StepSpec UndoSwitch(const StepSpec& step, const InverseContext&) {
  StepSpec undo;
  const auto& renames = step.switch_name().renames();
  for (int i = renames.size() - 1; i >= 0; --i) {
    worker::v1::Rename& back = *undo.mutable_switch_name()->add_renames();
    back.set_from(renames[i].to());
    back.set_to(renames[i].from());
    back.set_container_id(renames[i].container_id());
  }
  return undo;
}

StepSpec UndoRestartPolicy(const StepSpec& step, const InverseContext&) {
  StepSpec undo;
  undo.mutable_set_restart_policy()->set_container(step.set_restart_policy().container());
  undo.mutable_set_restart_policy()->set_policy("no");  // what start_container gave it
  return undo;
}

StepSpec UndoLoad(const StepSpec& step, const InverseContext& context) {
  StepSpec undo;
  *undo.mutable_drop_loaded()->mutable_database() = step.load_backup().database();
  undo.mutable_drop_loaded()->set_loading_step_id(context.step_id);
  return undo;
}

struct Rule {
  StepSpec::KindCase kind;
  StepSpec (*undo)(const StepSpec&, const InverseContext&);  // null: needs none
  absl::string_view reason;
};

constexpr Rule kRules[] = {
    // survey
    {StepSpec::kObserve, nullptr, "only looks"},
    {StepSpec::kResolveImage, nullptr, "only looks"},
    // prepare
    {StepSpec::kPullImage, nullptr, "adds an image beside the others; a prune removes it"},
    {StepSpec::kWriteFiles, UndoWriteFiles, "remove_files"},
    {StepSpec::kCreateResources, UndoCreateResources, "remove_resources"},
    {StepSpec::kPreflight, nullptr, "only looks"},
    {StepSpec::kRunOneOff, nullptr,
     "its container goes of itself; what its command has done, only the command knows"},
    {StepSpec::kWaitDatabase, nullptr, "only looks"},
    // database
    {StepSpec::kBackupDatabase, nullptr, "what it makes is kept: the way back"},
    {StepSpec::kMigrateDatabase, nullptr,
     "only the application knows the reverse: the declared rollback_command, if any"},
    {StepSpec::kLoadBackup, UndoLoad, "drop_loaded"},
    {StepSpec::kRestoreDatabase, nullptr, "keeps the database of before under another name"},
    // release
    {StepSpec::kStopContainer, UndoStop, "put_back"},
    {StepSpec::kStartContainer, UndoStart, "remove_container"},
    {StepSpec::kCheckHealth, nullptr, "only looks"},
    {StepSpec::kSwitchName, UndoSwitch, "switch_name, turned round"},
    // confirm
    {StepSpec::kSetRestartPolicy, UndoRestartPolicy, "set_restart_policy to no"},
    {StepSpec::kPrune, nullptr,
     "runs when there is no way back any more, and touches only what "
     "the new release does not need"},
    // rollback
    {StepSpec::kRemoveResources, nullptr, "part of a rollback, which is never undone"},
    {StepSpec::kRemoveFiles, nullptr, "part of a rollback, which is never undone"},
    {StepSpec::kDropLoaded, nullptr, "part of a rollback, which is never undone"},
    {StepSpec::kPutBack, nullptr, "part of a rollback, which is never undone"},
    {StepSpec::kRemoveContainer, nullptr, "part of a rollback, which is never undone"},
};

const Rule* FindRule(StepSpec::KindCase kind) {
  for (const Rule& rule : kRules) {
    if (rule.kind == kind) return &rule;
  }
  return nullptr;
}

}  // namespace

std::optional<StepSpec> InverseOf(const StepSpec& step, const InverseContext& context) {
  const Rule* rule = FindRule(step.kind_case());
  if (rule == nullptr || rule->undo == nullptr) return std::nullopt;
  return rule->undo(step, context);
}

bool NeedsNoInverse(StepSpec::KindCase kind) {
  const Rule* rule = FindRule(kind);
  return rule != nullptr && rule->undo == nullptr;
}

absl::string_view InverseReason(StepSpec::KindCase kind) {
  const Rule* rule = FindRule(kind);
  return rule == nullptr ? absl::string_view() : rule->reason;
}

}  // namespace davit::core
