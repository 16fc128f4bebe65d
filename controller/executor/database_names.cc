#include "controller/executor/database_names.h"

#include <optional>

#include "controller/executor/live_apps.h"

namespace davit::executor {

absl::StatusOr<std::string> DatabaseNames::LookUp(const std::string& name, const std::string& id) {
  const auto record = RecordOf(txn_, id);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return name;
  const auto& then = (*record)->request().spec().databases();
  const auto old = then.find(name);
  if (old == then.end() || old->second.url().secret().empty()) return name;
  std::optional<std::string> now;  // a map has no order of its own: the first by name
  for (const auto& [declared, database] : spec_.databases()) {
    if (database.url().secret() != old->second.url().secret()) continue;
    if (!now.has_value() || declared < *now) now = declared;
  }
  return now.value_or(name);
}

absl::StatusOr<std::string> DatabaseNames::NameNow(const std::string& name, const std::string& id) {
  if (name.empty() || spec_.databases().contains(name)) return name;
  const auto found = known_.find({name, id});
  if (found != known_.end()) return found->second;
  auto now = LookUp(name, id);
  if (now.ok()) known_.emplace(std::pair(name, id), *now);
  return now;
}

absl::Status DatabaseNames::Rename(state::v1::ReleaseRecord& release) {
  const std::string& id = release.view().deployment_id();
  auto used = NameNow(release.app().database(), id);
  if (!used.ok()) return used.status();
  if (!used->empty()) release.mutable_app()->set_database(*std::move(used));
  auto migrated = NameNow(release.database().database(), id);
  if (!migrated.ok()) return migrated.status();
  if (!migrated->empty()) release.mutable_database()->set_database(*std::move(migrated));
  return absl::OkStatus();
}

}  // namespace davit::executor
