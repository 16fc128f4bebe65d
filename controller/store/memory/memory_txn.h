#ifndef DAVIT_CONTROLLER_STORE_MEMORY_MEMORY_TXN_H_
#define DAVIT_CONTROLLER_STORE_MEMORY_MEMORY_TXN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/id.h"
#include "controller/store/store.h"

namespace davit::store {

// The tables of a MemoryStore. Rows are never changed, only replaced, so that an
// undo keeps the old one for nothing.
struct MemoryData {
  template <typename T>
  using Row = std::shared_ptr<const T>;

  // Project, environment, name, version.
  using SecretId = std::tuple<std::string, std::string, std::string, int64_t>;
  using AppKey = std::tuple<std::string, std::string, std::string>;  // project, environment, app

  StoreIdentity identity{NewRandomId(), NewRandomId()};
  std::map<std::string, Row<state::v1::DeploymentRecord>> deployments;
  std::map<std::pair<std::string, int>, Row<state::v1::StepRecord>> steps;
  std::map<std::pair<std::string, int64_t>, Row<v1::Event>> events;
  std::map<std::pair<std::string, std::string>, Row<state::v1::LockRecord>> locks;
  std::map<AppKey, Row<std::map<int64_t, state::v1::ReleaseRecord>>> releases;
  std::map<std::string, Row<state::v1::HostRecord>> hosts;
  std::map<SecretId, Row<state::v1::SecretRecord>> secrets;
  std::map<int, Row<std::string>> secret_key_check;  // one at most
};

// One transaction on `data`, which it changes at once and can change back.
class MemoryTxn final : public Txn {
 public:
  explicit MemoryTxn(MemoryData& data) : data_(data) {}

  // Takes back every write, the last one first.
  void Undo();

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
  // Puts `value` and remembers what was there.
  template <typename Key, typename T>
  void Put(std::map<Key, MemoryData::Row<T>>& map, const Key& key, const T& value);
  // Remembers what is at `key`.
  template <typename Key, typename T>
  void Keep(std::map<Key, MemoryData::Row<T>>& map, const Key& key);
  // The record as it is read.
  state::v1::DeploymentRecord Read(const std::string& id) const;
  absl::Status RequireDeployment(absl::string_view id) const;
  // Versions of a secret, oldest first.
  std::vector<MemoryData::SecretId> Versions(absl::string_view project,
                                             absl::string_view environment,
                                             absl::string_view name) const;

  MemoryData& data_;
  std::vector<std::function<void()>> undo_;
};

template <typename Key, typename T>
void MemoryTxn::Keep(std::map<Key, MemoryData::Row<T>>& map, const Key& key) {
  const auto it = map.find(key);
  if (it == map.end()) {
    undo_.push_back([&map, key] { map.erase(key); });
  } else {
    undo_.push_back([&map, key, before = it->second] { map[key] = before; });
  }
}

template <typename Key, typename T>
void MemoryTxn::Put(std::map<Key, MemoryData::Row<T>>& map, const Key& key, const T& value) {
  Keep(map, key);
  map[key] = std::make_shared<const T>(value);
}

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_MEMORY_MEMORY_TXN_H_
