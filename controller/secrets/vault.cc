#include "controller/secrets/vault.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/secrets/key_file.h"
#include "controller/secrets/sealing.h"

namespace davit::secrets {
namespace {

using state::v1::SecretRecord;

absl::Status VersionGone(const worker::v1::SecretUse& use) {
  const std::string where =
      use.environment().empty() ? "" : absl::StrCat(" -e ", use.environment());
  v1::Failure failure =
      MakeFailure(v1::SECRET_MISSING, absl::StrCat("Version ", use.version(), " of secret ",
                                                   use.name(), " is not there any more."));
  failure.set_likely_cause("the secret was removed");
  failure.set_next_command(
      absl::StrCat("davit secrets set ", use.name(), where, ", then deploy again"));
  return FailureStatus(failure);
}

// Whether the newest version has that value already.
absl::StatusOr<bool> IsSame(const Key& key, const std::optional<SecretRecord>& newest,
                            absl::string_view value) {
  if (!newest.has_value() || newest->sealed().empty()) return false;
  const auto opened = OpenRecord(key, *newest);
  if (!opened.ok()) return opened.status();
  return *opened == value;
}

// The key's check is there from the first secret on. It is another one's where all that was
// sealed under that has been removed.
absl::Status KeepKeyCheck(store::Txn& txn, const Key& key) {
  const auto check = txn.SecretKeyCheck();
  if (!check.ok()) return check.status();
  if (PassesKeyCheck(key, *check)) return absl::OkStatus();
  return txn.PutSecretKeyCheck(MakeKeyCheck(key));
}

}  // namespace

Vault::Vault(store::Store& store, std::string key_file)
    : store_(store), key_file_(std::move(key_file)) {}

absl::StatusOr<std::shared_ptr<const Key>> Vault::ReadKey() const {
  std::shared_ptr<const Key> found;
  const absl::Status read = store_.View([&](store::ReadTxn& txn) {
    auto key = FindKeyFor(txn, key_file_);
    if (!key.ok()) return key.status();
    if (key->has_value()) found = std::make_shared<const Key>(**std::move(key));
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return found;
}

absl::StatusOr<std::shared_ptr<const Key>> Vault::FindKey() {
  absl::MutexLock lock(&mutex_);
  if (key_ != nullptr) return key_;
  auto key = ReadKey();
  if (key.ok()) key_ = *key;
  return key;
}

// On disk before anything is sealed under it, and still there: what is sealed now has to
// open after another start.
absl::StatusOr<std::shared_ptr<const Key>> Vault::FindOrMakeKey() {
  absl::MutexLock lock(&mutex_);
  auto key = ReadKey();
  if (!key.ok()) return key;
  if (*key == nullptr) {
    *key = std::make_shared<const Key>(Key::Random());
    if (absl::Status written = WriteKeyFile(key_file_, **key); !written.ok()) return written;
  }
  key_ = *key;
  return key;
}

absl::Status Vault::CheckKey() { return FindKey().status(); }

absl::StatusOr<Vault::Change> Vault::Set(const SecretRecord& secret, absl::string_view value,
                                         bool only_if_changed) {
  const auto key = FindOrMakeKey();
  if (!key.ok()) return key.status();
  Change change;
  const absl::Status put = store_.Update([&](store::Txn& txn) {
    const auto newest = txn.NewestSecret(secret.project(), secret.environment(), secret.name());
    if (!newest.ok()) return newest.status();
    if (only_if_changed) {
      const auto same = IsSame(**key, *newest, value);
      if (!same.ok()) return same.status();
      if (*same) {
        change = {**newest, false};
        return absl::OkStatus();
      }
    }
    change = {secret, true};
    change.secret.set_version(newest->has_value() ? (*newest)->version() + 1 : 1);
    SealInto(**key, value, change.secret);
    if (absl::Status kept = KeepKeyCheck(txn, **key); !kept.ok()) return kept;
    return txn.PutSecret(change.secret);
  });
  if (!put.ok()) return put;
  return change;
}

absl::StatusOr<std::string> Vault::Value(absl::string_view project,
                                         const worker::v1::SecretUse& use) {
  SecretRecord record;
  const absl::Status read = store_.View([&](store::ReadTxn& txn) {
    auto found = txn.GetSecret(project, use.environment(), use.name(), use.version());
    if (!found.ok()) return found.status();
    record = *std::move(found);
    return absl::OkStatus();
  });
  if (absl::IsNotFound(read)) return VersionGone(use);
  if (!read.ok()) return read;
  const auto key = FindKey();
  if (!key.ok()) return key.status();
  // The row says that it is of another secret only where somebody has put it there.
  record.set_project(std::string(project));
  record.set_environment(use.environment());
  record.set_name(use.name());
  record.set_version(use.version());
  return OpenRecord(**key, record);
}

}  // namespace davit::secrets
