#ifndef DAVIT_CONTROLLER_CORE_TESTING_MODEL_HOST_H_
#define DAVIT_CONTROLLER_CORE_TESTING_MODEL_HOST_H_

#include <limits>
#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::core {

// A container as far as deployments can tell.
struct ModelContainer {
  std::string id;
  std::string image;
  bool running = false;
  std::string restart_policy = "no";
  bool auto_remove = false;
  std::map<std::string, std::string> labels;
  int port = 0;                 // of the host; 0: none
  std::string files_directory;  // empty: it has no files
  worker::v1::ObservedSettings settings = {};
};

// A host with an engine and a worker, for tests: does what steps say, at once.
class ModelHost {
 public:
  static constexpr int kAllActions = std::numeric_limits<int>::max();

  std::map<std::string, ModelContainer> containers;  // by name
  std::set<std::string> networks;
  std::set<std::string> directories;
  std::set<std::string> keep_tags;
  std::set<std::string> files;                      // directories of releases
  std::map<std::string, int> one_offs;              // how often each has run, by its container
  v1::SchemaMeaning migrates_to = v1::SCHEMA_SAFE;  // what migrations on this host do
  std::map<std::string, int> migrations;            // that have changed it, by database
  std::map<std::string, bool> loaded;               // whole or not, by the step that loads it

  // What runs there is the same, whatever its ids. Images do not count.
  bool SameAs(const ModelHost& other) const;
  // One line a container: name, image or release, whether it runs, policy.
  std::string Describe() const;

  // Does the step as its runner in worker/steps would. With fewer `actions`
  // than it takes, it stops half-way and fails.
  worker::v1::StepFinished Run(const std::string& step_id, const worker::v1::StepSpec& spec,
                               int actions = kAllActions);

 private:
  // Each returns why it failed, or "".
  std::string Do(const std::string& step_id, const worker::v1::StepSpec& spec,
                 worker::v1::StepOutputs& outputs);
  std::string Create(const worker::v1::CreateResources& create, worker::v1::CreatedResources& made);
  std::string Remove(const worker::v1::CreatedResources& made);
  std::string Stop(const worker::v1::StopContainer& stop);
  std::string PutBack(const worker::v1::PutBack& put_back, worker::v1::StepOutputs& outputs);
  std::string Start(const std::string& step_id, const worker::v1::StartContainer& start,
                    worker::v1::StepOutputs& outputs);
  std::string RemoveContainer(const worker::v1::RemoveContainer& remove);
  std::string CheckHealth(const worker::v1::CheckHealth& check) const;
  std::string Switch(const worker::v1::SwitchName& names);
  std::string SetPolicy(const worker::v1::SetRestartPolicy& policy);
  std::string Prune(const worker::v1::Prune& prune);
  std::string PruneTags(const worker::v1::Prune& prune);
  std::string PruneFiles(const worker::v1::Prune& prune);
  std::string WriteFiles(const worker::v1::WriteFiles& write);
  std::string RemoveFiles(const worker::v1::RemoveFiles& remove);
  std::string RunOneOff(const worker::v1::RunOneOff& run);
  std::string BackUp(const worker::v1::BackupDatabase& backup, worker::v1::StepOutputs& outputs);
  std::string Migrate(const worker::v1::MigrateDatabase& migrate, worker::v1::StepOutputs& outputs);
  std::string Load(const std::string& step_id);
  std::string Drop(const worker::v1::DropLoaded& drop);
  std::string Restore(const worker::v1::RestoreDatabase& restore, worker::v1::StepOutputs& outputs);
  // What a command of that title does to a database.
  void TakeBack(absl::string_view one_off);
  void Resolve(const worker::v1::ResolveImage& resolve, worker::v1::ResolvedImage& image) const;
  // Why a container cannot start now, or "".
  std::string Hindrance(const worker::v1::ContainerSpec& container) const;
  worker::v1::HostObservation Observe(const worker::v1::Observe& observe) const;

  // Takes one of the actions that are left; false: there is none.
  bool Act() { return actions_-- > 0; }
  // Iterator of the container with this id, or end.
  std::map<std::string, ModelContainer>::iterator FindId(const std::string& id);
  bool Rename(const std::string& from, const std::string& to);

  int actions_ = kAllActions;
  int made_ = 0;                                                 // containers, for their ids
  std::map<std::string, worker::v1::CreatedResources> created_;  // by step, as a worker keeps it
};

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_MODEL_HOST_H_
