#ifndef DAVIT_CONTROLLER_STORE_STORE_H_
#define DAVIT_CONTROLLER_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "controller/core/deployment_state.h"
#include "davit/state/v1/state.pb.h"
#include "davit/v1/deployment.pb.h"

namespace davit::store {

struct DeploymentFilter {
  std::string project;      // empty: any
  std::string environment;  // empty: any
  std::string before_id;    // only older ones than this id; empty: from the newest
  int limit = 50;
};

// Who a store is.
struct StoreIdentity {
  std::string cluster_id;     // random, made with the store; its copies have it too
  std::string controller_id;  // random, made with the store; a copy gets another
  absl::Time restored = absl::InfinitePast();  // when it was opened as a copy first; or never
};

// Reads of one consistent moment. Valid within View or Update only.
class ReadTxn {
 public:
  virtual ~ReadTxn() = default;

  virtual absl::StatusOr<StoreIdentity> Identity() = 0;

  // Of deployments, `view.last_sequence` is the number of the last event that was
  // appended: the journal's own, whatever was put.

  // NOT_FOUND when there is none of that id.
  virtual absl::StatusOr<core::DeploymentState> GetDeployment(absl::string_view id) = 0;
  // Ids that begin with `prefix`, at most `limit`, oldest first.
  virtual absl::StatusOr<std::vector<std::string>> FindDeployments(absl::string_view prefix,
                                                                   int limit) = 0;
  // Newest first.
  virtual absl::StatusOr<std::vector<state::v1::DeploymentRecord>> ListDeployments(
      const DeploymentFilter& filter) = 0;
  // Ids of those that are in no terminal state, oldest first.
  virtual absl::StatusOr<std::vector<std::string>> UnfinishedDeployments() = 0;
  // Id of the deployment that was created with this request id.
  virtual absl::StatusOr<std::optional<std::string>> FindRequest(absl::string_view request_id) = 0;
  // Events with a number above `after_sequence`, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<v1::Event>> ReadEvents(absl::string_view deployment_id,
                                                            int64_t after_sequence, int limit) = 0;
  // The lock's record; nullopt when it was never taken.
  virtual absl::StatusOr<std::optional<state::v1::LockRecord>> GetLock(
      absl::string_view project, absl::string_view environment) = 0;
  // Those that were ever taken, by project and environment.
  virtual absl::StatusOr<std::vector<state::v1::LockRecord>> ListLocks() = 0;
  // Releases of an app, newest first.
  virtual absl::StatusOr<std::vector<state::v1::ReleaseRecord>> ListReleases(
      absl::string_view project, absl::string_view environment, absl::string_view app,
      int limit) = 0;
  // The live releases of all apps of an environment, by app.
  virtual absl::StatusOr<std::vector<state::v1::ReleaseRecord>> LiveReleases(
      absl::string_view project, absl::string_view environment) = 0;
  // NOT_FOUND when there is none of that name.
  virtual absl::StatusOr<state::v1::HostRecord> GetHost(absl::string_view name) = 0;
  // By name.
  virtual absl::StatusOr<std::vector<state::v1::HostRecord>> ListHosts() = 0;

  // Secrets are kept as they were sealed; what opens them is not in the store. An empty
  // environment means the whole project.

  // The newest version. One whose `sealed` is empty was removed: it is there for its
  // number only. nullopt when there was never one.
  virtual absl::StatusOr<std::optional<state::v1::SecretRecord>> NewestSecret(
      absl::string_view project, absl::string_view environment, absl::string_view name) = 0;
  // NOT_FOUND when there is no such version, or it was removed.
  virtual absl::StatusOr<state::v1::SecretRecord> GetSecret(absl::string_view project,
                                                            absl::string_view environment,
                                                            absl::string_view name,
                                                            int64_t version) = 0;
  // The newest versions of a project's secrets, by environment and name, without those
  // that were removed.
  virtual absl::StatusOr<std::vector<state::v1::SecretRecord>> ListSecrets(
      absl::string_view project) = 0;
  // Every version of every project that has a value.
  virtual absl::StatusOr<std::vector<state::v1::SecretRecord>> AllSecrets() = 0;
  // What the key that secrets are sealed under is recognised by; empty: no secret was ever put.
  virtual absl::StatusOr<std::string> SecretKeyCheck() = 0;
};

// Writes, seen by the reads of the same transaction.
class Txn : public ReadTxn {
 public:
  // Puts the record; its steps are not touched. `view.steps` must be empty.
  virtual absl::Status PutDeployment(const state::v1::DeploymentRecord& record) = 0;
  virtual absl::Status PutStep(absl::string_view deployment_id, int index,
                               const state::v1::StepRecord& step) = 0;
  // ALREADY_EXISTS when one of the sequence numbers is taken.
  virtual absl::Status AppendEvents(absl::Span<const v1::Event> events) = 0;
  virtual absl::Status PutLock(const state::v1::LockRecord& lock) = 0;
  // Puts the record under its number. One with `live` set ends the liveness of
  // the app's other releases.
  virtual absl::Status PutRelease(const state::v1::ReleaseRecord& release) = 0;
  virtual absl::Status PutHost(const state::v1::HostRecord& host) = 0;
  // NOT_FOUND when there is none of that name.
  virtual absl::Status RemoveHost(absl::string_view name) = 0;
  // Puts the record under its version.
  virtual absl::Status PutSecret(const state::v1::SecretRecord& secret) = 0;
  // Forgets all of a secret's versions but the number of the newest, so that none is used
  // again. NOT_FOUND when there is none that has a value.
  virtual absl::Status RemoveSecret(absl::string_view project, absl::string_view environment,
                                    absl::string_view name) = 0;
  virtual absl::Status PutSecretKeyCheck(const std::string& sealed) = 0;
};

// What a controller must not lose. Implementations: sqlite/, memory/. The
// conformance suite in tests/conformance holds all of them to the same words.
// Thread-safe.
class Store {
 public:
  using UpdateFn = std::function<absl::Status(Txn&)>;

  virtual ~Store() = default;

  // One read-only transaction. Returns what `fn` returns, or the store's error.
  virtual absl::Status View(absl::FunctionRef<absl::Status(ReadTxn&)> fn) = 0;

  // One durable transaction: when OK is returned, it is on disk. An error of
  // `fn` undoes its writes and is returned.
  virtual absl::Status Update(absl::FunctionRef<absl::Status(Txn&)> fn) = 0;

  // Group commit: all of `fns` in one durable transaction, a savepoint each. One
  // that returns an error is undone alone. Element i is the outcome of fns[i];
  // when the commit itself fails, all have its error and nothing is kept.
  virtual std::vector<absl::Status> UpdateEach(absl::Span<const UpdateFn> fns) = 0;
};

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_STORE_H_
