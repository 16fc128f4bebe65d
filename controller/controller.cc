#include "controller/controller.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/file_lock.h"
#include "controller/api/builds/build_service.h"
#include "controller/api/databases/database_service.h"
#include "controller/api/deployments/deployment_service.h"
#include "controller/api/hosts/host_service.h"
#include "controller/api/secrets/secret_service.h"
#include "controller/directory_lock.h"
#include "controller/executor/journal_hub.h"
#include "controller/executor/secret_values.h"
#include "controller/fleet/fleet.h"
#include "controller/secrets/vault.h"
#include "controller/store/sqlite/sqlite_store.h"

namespace davit {
namespace {

// Whether one of the deployments that go on uses secrets.
absl::StatusOr<bool> NeedsSecrets(store::ReadTxn& txn) {
  const auto ids = txn.UnfinishedDeployments();
  if (!ids.ok()) return ids.status();
  for (const std::string& id : *ids) {
    const auto state = txn.GetDeployment(id);
    if (!state.ok()) return state.status();
    if (!executor::SecretsOf(state->record).empty()) return true;
  }
  return false;
}

}  // namespace

// In the order in which they are made and against which they end.
class Controller::Parts {
 public:
  Parts(ControllerOptions options, FileLock lock)
      : options_(std::move(options)), lock_(std::move(lock)) {}

  absl::Status Start() {
    auto store = store::SqliteStore::Open(DatabaseIn(options_.state_directory));
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    if (absl::Status status = OpenVault(); !status.ok()) return status;
    if (absl::Status status = StartFleet(); !status.ok()) return status;
    executor_ = std::make_unique<executor::Executor>(*store_, *fleet_, *vault_, clock_, hub_,
                                                     options_.executor);
    deployments_ =
        api::MakeDeploymentService({*store_, *executor_, hub_, *fleet_, *vault_, clock_});
    secrets_ = api::MakeSecretService({*store_, *vault_, clock_});
    hosts_ = api::MakeHostService({*store_, *fleet_, clock_, options_.fixed_hosts});
    builds_ = api::MakeBuildService({*store_, *fleet_, *vault_});
    databases_ = api::MakeDatabaseService({*store_, *fleet_});
    return executor_->Start();
  }

  void Stop() {
    if (executor_ != nullptr) executor_->Stop();
  }

  std::vector<grpc::Service*> services() {
    return {deployments_.get(), hosts_.get(), secrets_.get(), builds_.get(), databases_.get()};
  }
  store::Store& store() { return *store_; }

 private:
  // A key that does not fit is told to everybody who needs a secret. But steps that run
  // already cannot be attached to without theirs, and are not to be given up for it.
  absl::Status OpenVault() {
    vault_ = std::make_unique<secrets::Vault>(*store_, options_.key_file.empty()
                                                           ? KeyFileIn(options_.state_directory)
                                                           : options_.key_file);
    const absl::Status usable = vault_->CheckKey();
    if (usable.ok()) return usable;
    spdlog::error("secrets: {}", std::string(usable.message()));
    absl::StatusOr<bool> needed = true;
    const absl::Status read = store_->View([&](store::ReadTxn& txn) {
      needed = NeedsSecrets(txn);
      return needed.status();
    });
    if (!read.ok()) return read;
    return *needed ? usable : absl::OkStatus();
  }

  absl::Status StartFleet() {
    store::StoreIdentity identity;
    std::map<std::string, std::string> hosts = options_.fixed_hosts;
    const absl::Status read = store_->View([&](store::ReadTxn& txn) {
      auto found = txn.Identity();
      if (!found.ok()) return found.status();
      identity = *std::move(found);
      const auto records = txn.ListHosts();
      if (!records.ok()) return records.status();
      for (const auto& record : *records) hosts.emplace(record.name(), record.address());
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    fleet_ =
        std::make_unique<fleet::Fleet>(fleet::MakeDial({.connect = options_.connect,
                                                        .explain = options_.explain,
                                                        .cluster_id = identity.cluster_id,
                                                        .controller_id = identity.controller_id,
                                                        .restored = identity.restored,
                                                        .watch = options_.watch_hosts},
                                                       timer_, clock_));
    for (const auto& [name, address] : hosts) Dial(name, address);
    return absl::OkStatus();
  }

  // The others must not suffer for one whose address is of no use any more.
  void Dial(const std::string& name, const std::string& address) {
    const absl::Status added = fleet_->Add(name, address);
    if (added.ok()) return;
    spdlog::error("host {}: {} cannot be dialled: {}", name, address, added.ToString());
  }

  const ControllerOptions options_;
  const FileLock lock_;
  const SystemClock clock_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<secrets::Vault> vault_;
  fleet::ThreadTimer timer_;
  std::unique_ptr<fleet::Fleet> fleet_;
  executor::JournalHub hub_;
  std::unique_ptr<executor::Executor> executor_;
  std::unique_ptr<grpc::Service> deployments_;
  std::unique_ptr<grpc::Service> hosts_;
  std::unique_ptr<grpc::Service> secrets_;
  std::unique_ptr<grpc::Service> builds_;
  std::unique_ptr<grpc::Service> databases_;
};

absl::StatusOr<std::unique_ptr<Controller>> Controller::Start(ControllerOptions options) {
  auto lock = LockDirectory(options.state_directory, options.lock_patience);
  if (!lock.ok()) return lock.status();
  auto parts = std::make_unique<Parts>(std::move(options), *std::move(lock));
  if (absl::Status status = parts->Start(); !status.ok()) return status;
  return std::unique_ptr<Controller>(new Controller(std::move(parts)));
}

Controller::Controller(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Controller::~Controller() { Stop(); }

std::vector<grpc::Service*> Controller::services() { return parts_->services(); }

store::Store& Controller::store() { return parts_->store(); }

std::string Controller::DatabaseIn(const std::string& state_directory) {
  return state_directory + "/controller.db";
}

std::string Controller::KeyFileIn(const std::string& state_directory) {
  return state_directory + "/secrets.key";
}

bool Controller::Busy() {
  bool unfinished = true;
  const absl::Status status = store().View([&](store::ReadTxn& txn) {
    const auto ids = txn.UnfinishedDeployments();
    if (ids.ok()) unfinished = !ids->empty();
    return ids.status();
  });
  if (!status.ok()) spdlog::error("cannot read the records: {}", status.ToString());
  return unfinished;
}

void Controller::Stop() { parts_->Stop(); }

}  // namespace davit
