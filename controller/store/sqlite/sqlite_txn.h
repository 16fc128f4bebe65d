#ifndef DAVIT_CONTROLLER_STORE_SQLITE_SQLITE_TXN_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_SQLITE_TXN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/store/sqlite/connection.h"
#include "controller/store/sqlite/errors.h"
#include "controller/store/store.h"

namespace davit::store {

inline absl::Status StatusIn(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusIn(const absl::StatusOr<T>& result) {
  return result.status();
}

// The store's operations on a connection that is in a transaction.
class SqliteTxn final : public Txn {
 public:
  explicit SqliteTxn(Connection& connection) : connection_(connection) {}

  // The error at which SQLite ended the transaction by itself, as it may when the
  // disk is full; nothing can follow it. Else OK.
  const absl::Status& lost() const { return lost_; }

  absl::StatusOr<StoreIdentity> Identity() override;
  absl::StatusOr<core::DeploymentState> GetDeployment(absl::string_view id) override;
  absl::StatusOr<std::vector<std::string>> FindDeployments(absl::string_view prefix,
                                                           int limit) override;
  absl::StatusOr<std::vector<state::v1::DeploymentRecord>> ListDeployments(
      const DeploymentFilter& filter) override;
  absl::StatusOr<std::vector<std::string>> UnfinishedDeployments() override;
  absl::StatusOr<std::optional<std::string>> FindRequest(absl::string_view request_id) override;
  absl::StatusOr<std::vector<v1::Event>> ReadEvents(absl::string_view deployment_id,
                                                    int64_t after_sequence, int limit) override;
  absl::StatusOr<std::optional<state::v1::LockRecord>> GetLock(
      absl::string_view project, absl::string_view environment) override;
  absl::StatusOr<std::vector<state::v1::LockRecord>> ListLocks() override;
  absl::StatusOr<std::vector<state::v1::ReleaseRecord>> ListReleases(absl::string_view project,
                                                                     absl::string_view environment,
                                                                     absl::string_view app,
                                                                     int limit) override;
  absl::StatusOr<std::vector<state::v1::ReleaseRecord>> LiveReleases(
      absl::string_view project, absl::string_view environment) override;
  absl::StatusOr<state::v1::HostRecord> GetHost(absl::string_view name) override;
  absl::StatusOr<std::vector<state::v1::HostRecord>> ListHosts() override;
  absl::StatusOr<std::optional<state::v1::SecretRecord>> NewestSecret(
      absl::string_view project, absl::string_view environment, absl::string_view name) override;
  absl::StatusOr<state::v1::SecretRecord> GetSecret(absl::string_view project,
                                                    absl::string_view environment,
                                                    absl::string_view name,
                                                    int64_t version) override;
  absl::StatusOr<std::vector<state::v1::SecretRecord>> ListSecrets(
      absl::string_view project) override;
  absl::StatusOr<std::vector<state::v1::SecretRecord>> AllSecrets() override;
  absl::StatusOr<std::string> SecretKeyCheck() override;

  absl::Status PutDeployment(const state::v1::DeploymentRecord& record) override;
  absl::Status PutStep(absl::string_view deployment_id, int index,
                       const state::v1::StepRecord& step) override;
  absl::Status AppendEvents(absl::Span<const v1::Event> events) override;
  absl::Status PutLock(const state::v1::LockRecord& lock) override;
  absl::Status PutRelease(const state::v1::ReleaseRecord& release) override;
  absl::Status PutHost(const state::v1::HostRecord& host) override;
  absl::Status RemoveHost(absl::string_view name) override;
  absl::Status PutSecret(const state::v1::SecretRecord& secret) override;
  absl::Status RemoveSecret(absl::string_view project, absl::string_view environment,
                            absl::string_view name) override;
  absl::Status PutSecretKeyCheck(const std::string& sealed) override;

 private:
  // Runs `body`, unless the transaction is lost, and notes when that loses it: a
  // write would be committed alone from then on.
  template <typename Body>
  auto Run(Body&& body) -> decltype(body()) {
    if (!lost_.ok()) return lost_;
    auto result = Guarded(body);
    if (!connection_.InTransaction()) lost_ = StatusIn(result);
    return result;
  }

  Connection& connection_;
  absl::Status lost_;
};

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_SQLITE_TXN_H_
