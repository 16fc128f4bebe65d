#include "controller/core/database/backups_needed.h"

#include "controller/core/database/schema_meaning.h"

namespace davit::core {

std::set<std::string> BackupsNeeded(const state::v1::DeploymentRecord& record,
                                    const std::string& database, const std::string& host) {
  const auto is_there = [&](const state::v1::DatabaseHistory& history) {
    return history.database() == database && history.has_backup() &&
           history.backup().host() == host && !history.backup().path().empty();
  };
  std::set<std::string> paths;
  for (const auto& [app, release] : record.previous()) {
    if (is_there(release.database())) paths.insert(release.database().backup().path());
  }
  const state::v1::DatabaseHistory *first = nullptr, *last_unsafe = nullptr;
  for (const state::v1::DatabaseHistory& history : record.since()) {
    if (!is_there(history) || !MayHaveChanged(history)) continue;
    if (first == nullptr) first = &history;
    if (!OldCodeCanRun(history.migration().meaning())) last_unsafe = &history;
  }
  for (const state::v1::DatabaseHistory* history : {first, last_unsafe}) {
    if (history != nullptr) paths.insert(history->backup().path());
  }
  return paths;
}

}  // namespace davit::core
