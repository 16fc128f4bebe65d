#include "controller/executor/backups_url.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/core/restoration/older_secret.h"
#include "controller/executor/recorded_backup.h"
#include "controller/executor/url_likeness.h"

namespace davit::executor {
namespace {

// nullopt: not on record.
absl::StatusOr<std::optional<MadeBackup>> BackupToRestore(store::Store& store,
                                                          const v1::DeploymentRequest& request) {
  std::optional<MadeBackup> backup;
  const absl::Status status = store.View([&](store::ReadTxn& txn) {
    auto found = RecordedBackup(txn, request);
    if (!found.ok()) return found.status();
    backup = *std::move(found);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return backup;
}

}  // namespace

std::vector<std::string> NotesOfBackupsUrl(store::Store& store, SecretSource& secrets,
                                           const core::DeploymentState& state) {
  const v1::DeploymentRequest& request = state.record.request();
  if (!request.has_restore()) return {};
  const std::string& name = request.restore().database();
  const auto database = request.spec().databases().find(name);
  if (database == request.spec().databases().end()) return {};
  const worker::v1::SecretUse* newest =
      core::NewestUse(state.record, database->second.url().secret());
  const auto recorded = BackupToRestore(store, request);
  if (!recorded.ok()) {
    return {absl::StrCat("whether ", request.restore().file(), " is a backup of ", name,
                         " is not known: ", recorded.status().message())};
  }
  const std::optional<MadeBackup>& made = *recorded;
  if (newest == nullptr || !made || made->url.name().empty()) return {};
  const auto likeness = CompareUrls(secrets, state.record.view().project(), made->url, *newest);
  if (!likeness || likeness->place == UrlLikeness::Place::kSame) return {};
  const std::string versions = absl::StrCat(
      request.restore().file(), " was made with version ", made->url.version(), " of the secret ",
      made->url.name(), ", ", name, " has version ", newest->version(),
      made->url.name() == newest->name() ? "" : absl::StrCat(" of ", newest->name()), " now: ");
  if (likeness->place == UrlLikeness::Place::kUnknown) {
    return {absl::StrCat(versions, "whether it is a backup of the same database is not known")};
  }
  return {absl::StrCat(versions, "it is a backup of ANOTHER DATABASE (", likeness->differences,
                       ") than the one that it takes the place of")};
}

}  // namespace davit::executor
