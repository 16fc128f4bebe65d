#include "controller/secrets/sealing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "controller/secrets/key_file.h"

namespace davit::secrets {
namespace {

constexpr absl::string_view kKnownText = "davit";
constexpr absl::string_view kCheckContext = "davit key check";

// Each part with its length, so that no two records have the same context.
std::string ContextOf(const state::v1::SecretRecord& record) {
  std::string context = "davit secret";
  for (const std::string& part : {record.project(), record.environment(), record.name()}) {
    absl::StrAppend(&context, " ", part.size(), ":", part);
  }
  absl::StrAppend(&context, " @", record.version());
  return context;
}

absl::Status KeyFileMissing(const std::string& key_file) {
  v1::Failure failure =
      MakeFailure(v1::SECRET_KEY_UNUSABLE, absl::StrCat("The key file of the secrets, ", key_file,
                                                        ", is missing: without it, what is "
                                                        "stored cannot be opened."));
  failure.set_next_command(absl::StrCat("put the key file back at ", key_file));
  return FailureStatus(failure);
}

absl::Status AnotherKey(const std::string& key_file) {
  v1::Failure failure = MakeFailure(v1::SECRET_KEY_UNUSABLE,
                                    absl::StrCat("The key file of the secrets, ", key_file,
                                                 ", holds another key than the one that they were "
                                                 "sealed under."));
  failure.set_likely_cause(
      "the key was replaced, or the records are another controller's, or `davit-controller rekey` "
      "has sealed them under another file");
  failure.set_next_command("name the right file in `secrets.key_file`");
  return FailureStatus(failure);
}

}  // namespace

std::string NameOf(const state::v1::SecretRecord& record) {
  return absl::StrCat("secret ", record.name(), " of ",
                      record.environment().empty() ? absl::StrCat("project ", record.project())
                                                   : record.environment(),
                      ", version ", record.version());
}

void SealInto(const Key& key, absl::string_view value, state::v1::SecretRecord& record) {
  record.set_sealed(key.Seal(value, ContextOf(record)));
}

absl::StatusOr<std::string> OpenRecord(const Key& key, const state::v1::SecretRecord& record) {
  auto value = key.Open(record.sealed(), ContextOf(record));
  if (value.ok()) return value;
  return FailureStatus(
      v1::SECRET_KEY_UNUSABLE,
      absl::StrCat("The ", NameOf(record), ", cannot be opened: ", value.status().message(), "."));
}

std::string MakeKeyCheck(const Key& key) { return key.Seal(kKnownText, kCheckContext); }

bool PassesKeyCheck(const Key& key, absl::string_view check) {
  const auto opened = key.Open(check, kCheckContext);
  return opened.ok() && *opened == kKnownText;
}

absl::StatusOr<std::optional<Key>> FindKeyFor(store::ReadTxn& txn, const std::string& key_file) {
  const auto check = txn.SecretKeyCheck();
  if (!check.ok()) return check.status();
  auto key = ReadKeyFile(key_file);
  if (!key.ok()) return key;
  if (key->has_value() && (check->empty() || PassesKeyCheck(**key, *check))) return key;
  // When all that was ever sealed is removed, any key is as good.
  const auto sealed = txn.AllSecrets();
  if (!sealed.ok()) return sealed.status();
  if (sealed->empty()) return key;
  return key->has_value() ? AnotherKey(key_file) : KeyFileMissing(key_file);
}

}  // namespace davit::secrets
