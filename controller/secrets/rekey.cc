#include "controller/secrets/rekey.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/secrets/key_file.h"
#include "controller/secrets/sealing.h"

namespace davit::secrets {
namespace {

// On disk before anything is sealed under it.
absl::StatusOr<Key> ReadOrMakeKey(const std::string& path) {
  auto key = ReadKeyFile(path);
  if (!key.ok()) return key.status();
  if (key->has_value()) return **std::move(key);
  Key made = Key::Random();
  if (absl::Status written = WriteKeyFile(path, made); !written.ok()) return written;
  return made;
}

absl::StatusOr<std::string> ReadCheck(store::Store& store) {
  std::string check;
  const absl::Status read = store.View([&](store::ReadTxn& txn) {
    auto found = txn.SecretKeyCheck();
    if (!found.ok()) return found.status();
    check = *std::move(found);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  if (!check.empty()) return check;
  return absl::FailedPreconditionError("no secret was ever set, so there is nothing to seal anew");
}

absl::Status SealAnew(store::Txn& txn, const Key& from, const Key& to) {
  auto secrets = txn.AllSecrets();
  if (!secrets.ok()) return secrets.status();
  for (state::v1::SecretRecord& secret : *secrets) {
    const auto value = OpenRecord(from, secret);
    if (!value.ok()) return value.status();
    SealInto(to, *value, secret);
    if (absl::Status put = txn.PutSecret(secret); !put.ok()) return put;
  }
  return txn.PutSecretKeyCheck(MakeKeyCheck(to));
}

}  // namespace

absl::Status Rekey(store::Store& store, const std::string& old_file, const std::string& new_file) {
  const auto check = ReadCheck(store);
  if (!check.ok()) return check.status();
  const auto there = ReadKeyFile(new_file);
  if (!there.ok()) return there.status();
  const auto old_key = ReadKeyFile(old_file);
  // Done before, and perhaps not told.
  if (there->has_value() && PassesKeyCheck(**there, *check)) {
    const bool same = old_key.ok() && old_key->has_value() && PassesKeyCheck(**old_key, *check);
    if (!same) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(new_file, " holds the key that the secrets are sealed under already"));
  }
  std::optional<Key> from;
  const absl::Status found = store.View([&](store::ReadTxn& txn) {
    auto key = FindKeyFor(txn, old_file);
    if (!key.ok()) return key.status();
    from = *std::move(key);
    return absl::OkStatus();
  });
  if (!found.ok()) return found;
  const auto to = ReadOrMakeKey(new_file);
  if (!to.ok()) return to.status();
  return store.Update([&](store::Txn& txn) { return SealAnew(txn, from ? *from : *to, *to); });
}

}  // namespace davit::secrets
