#include <limits>

#include "absl/strings/str_cat.h"
#include "controller/store/memory/memory_txn.h"

// Reads and writes of secrets.
namespace davit::store {
namespace {

absl::Status NoSuchSecret(absl::string_view name) {
  return absl::NotFoundError(absl::StrCat("There is no secret ", name, "."));
}

}  // namespace

std::vector<MemoryData::SecretId> MemoryTxn::Versions(absl::string_view project,
                                                      absl::string_view environment,
                                                      absl::string_view name) const {
  std::vector<MemoryData::SecretId> ids;
  const MemoryData::SecretId first(project, environment, name, std::numeric_limits<int64_t>::min());
  const MemoryData::SecretId last(project, environment, name, std::numeric_limits<int64_t>::max());
  for (auto it = data_.secrets.lower_bound(first); it != data_.secrets.end() && it->first <= last;
       ++it) {
    ids.push_back(it->first);
  }
  return ids;
}

absl::StatusOr<std::optional<state::v1::SecretRecord>> MemoryTxn::NewestSecret(
    absl::string_view project, absl::string_view environment, absl::string_view name) {
  const auto ids = Versions(project, environment, name);
  if (ids.empty()) return std::nullopt;
  return *data_.secrets.at(ids.back());
}

absl::StatusOr<state::v1::SecretRecord> MemoryTxn::GetSecret(absl::string_view project,
                                                             absl::string_view environment,
                                                             absl::string_view name,
                                                             int64_t version) {
  const auto it = data_.secrets.find(MemoryData::SecretId(project, environment, name, version));
  if (it == data_.secrets.end() || it->second->sealed().empty()) return NoSuchSecret(name);
  return *it->second;
}

absl::StatusOr<std::vector<state::v1::SecretRecord>> MemoryTxn::ListSecrets(
    absl::string_view project) {
  std::vector<state::v1::SecretRecord> newest;
  for (const auto& [id, secret] : data_.secrets) {
    if (secret->project() != project || secret->sealed().empty()) continue;
    const auto versions = Versions(project, secret->environment(), secret->name());
    if (id == versions.back()) newest.push_back(*secret);
  }
  return newest;
}

absl::StatusOr<std::vector<state::v1::SecretRecord>> MemoryTxn::AllSecrets() {
  std::vector<state::v1::SecretRecord> secrets;
  for (const auto& [id, secret] : data_.secrets) {
    if (!secret->sealed().empty()) secrets.push_back(*secret);
  }
  return secrets;
}

absl::StatusOr<std::string> MemoryTxn::SecretKeyCheck() {
  const auto it = data_.secret_key_check.find(0);
  return it == data_.secret_key_check.end() ? std::string() : *it->second;
}

absl::Status MemoryTxn::PutSecret(const state::v1::SecretRecord& secret) {
  const MemoryData::SecretId id(secret.project(), secret.environment(), secret.name(),
                                secret.version());
  Put(data_.secrets, id, secret);
  return absl::OkStatus();
}

absl::Status MemoryTxn::RemoveSecret(absl::string_view project, absl::string_view environment,
                                     absl::string_view name) {
  const auto ids = Versions(project, environment, name);
  if (ids.empty() || data_.secrets.at(ids.back())->sealed().empty()) return NoSuchSecret(name);
  state::v1::SecretRecord newest = *data_.secrets.at(ids.back());
  newest.clear_sealed();
  for (const MemoryData::SecretId& id : ids) {
    Keep(data_.secrets, id);
    data_.secrets.erase(id);
  }
  return PutSecret(newest);
}

absl::Status MemoryTxn::PutSecretKeyCheck(const std::string& sealed) {
  Put(data_.secret_key_check, 0, sealed);
  return absl::OkStatus();
}

}  // namespace davit::store
