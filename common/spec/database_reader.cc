#include "common/spec/database_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/spec/convert.h"
#include "common/spec/merge.h"
#include "common/spec/preset.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

std::vector<std::string> KeysIn(const Node& map) {
  std::vector<std::string> keys;
  for (const Entry& entry : map.entries) keys.push_back(entry.key);
  return keys;
}

// The uses whose presets have a migration; of the app, where it is named.
std::vector<const DatabaseUse*> WithMigration(const std::vector<DatabaseUse>& uses,
                                              const std::optional<std::string>& app) {
  std::vector<const DatabaseUse*> with;
  for (const DatabaseUse& use : uses) {
    if (use.migrate != nullptr && (!app.has_value() || use.app == *app)) with.push_back(&use);
  }
  return with;
}

bool LeavesAppToPreset(const Node& database) {
  const Entry* migrate = database.Find("migrate");
  return migrate != nullptr && migrate->value->is_map() && migrate->value->Find("app") == nullptr;
}

}  // namespace

void DatabaseReader::Use(const std::string& database, DatabaseUse use, const std::string& path,
                         Places& places) {
  if (databases_->Find(database) != nullptr) {
    uses_[database].push_back(std::move(use));
    return;
  }
  problems_.Add(places.Of(path, /*at_key=*/false),
                absl::StrCat("no database ", Quoted(database), " in `databases`",
                             DidYouMean(database, KeysIn(*databases_))));
  places.Break(path);
}

int DatabaseReader::size() const {
  int size = 0;
  for (const auto& [name, uses] : uses_) size += databases_->Find(name)->value->size;
  return size;
}

std::vector<const DatabaseUse*> DatabaseReader::PresetsFor(const std::string& database) const {
  const Entry* migrate = databases_->Find(database)->value->Find("migrate");
  const auto uses = uses_.find(database);
  if (uses == uses_.end()) return {};
  if (migrate == nullptr) return WithMigration(uses->second, std::nullopt);
  if (!migrate->value->is_map()) return {};  // null keeps a preset's out
  const Entry* app = migrate->value->Find("app");
  if (app == nullptr || app->value->is_null()) return WithMigration(uses->second, std::nullopt);
  if (!app->value->is_scalar()) return {};
  return WithMigration(uses->second, variables_.Expand(*app->value).value_or(""));
}

void DatabaseReader::LayOrigins(OriginWriter& origins) const {
  for (const auto& [name, uses] : uses_) {
    const std::string path = PathOf(PathOf("databases", name), "migrate");
    for (const DatabaseUse* use : PresetsFor(name)) {
      origins.LayEntries(*use->migrate, path, absl::StrCat("preset ", use->preset),
                         /*in_text=*/false);
    }
    origins.Lay(*databases_->Find(name), "databases", "");
  }
}

void DatabaseReader::Read(Places& places, v1::EnvironmentSpec* spec) {
  for (const auto& [name, uses] : uses_) {
    const Entry& entry = *databases_->Find(name);
    const std::string path = PathOf("databases", name);
    places.Set(path, entry.offset, entry.value->offset);
    ReadOne(entry, path, places, *spec, &(*spec->mutable_databases())[name]);
    PlaceMigration(name, path, places, spec);
  }
}

void DatabaseReader::ReadOne(const Entry& entry, const std::string& path, Places& places,
                             const v1::EnvironmentSpec& spec, v1::Database* out) {
  if (!entry.value->is_map() && !entry.value->is_null()) return places.Break(path);
  const std::vector<const DatabaseUse*> presets = PresetsFor(entry.key);
  NodePtr node = entry.value->is_null() ? MapNode(entry.value->offset, {}) : entry.value;
  if (presets.size() > 1) {
    RefuseGuess(entry, *presets[0], *presets[1]);
    node = Without(node, "migrate");
    places.Break(PathOf(path, "migrate"));
  } else if (presets.size() == 1) {
    const NodePtr& migrate = presets.front()->migrate;
    const NodePtr layer = MapNode(migrate->offset, {{"migrate", migrate->offset, migrate}});
    node = FillIn(layer, node, *v1::Database::descriptor());
  } else if (LeavesAppToPreset(*node) && HasPresetElsewhere(spec)) {
    node = Without(node, "migrate");
  }
  Converter(variables_, places, problems_).Fill(*node, path, out);
}

// Whether an app that does not live here may bring what `migrate` leaves to a preset.
bool DatabaseReader::HasPresetElsewhere(const v1::EnvironmentSpec& spec) const {
  return std::any_of(apps_.entries.begin(), apps_.entries.end(), [&](const Entry& app) {
    const Entry* preset = app.value->Find("preset");
    if (spec.apps().contains(app.key) || preset == nullptr || !preset->value->is_scalar()) {
      return false;
    }
    const std::string name = variables_.Expand(*preset->value).value_or("");
    return PresetMigration(name, app.key, app.offset) != nullptr;
  });
}

// Which of two images migrates is nothing to be guessed.
void DatabaseReader::RefuseGuess(const Entry& entry, const DatabaseUse& one,
                                 const DatabaseUse& other) {
  problems_.Add(entry.offset, absl::StrCat("`migrate` must name its `app`: the presets of ",
                                           Quoted(one.app), " and ", Quoted(other.app),
                                           " both bring a migration for ", Quoted(entry.key)));
}

// In an environment without the app nobody can migrate.
void DatabaseReader::PlaceMigration(const std::string& database, const std::string& path,
                                    Places& places, v1::EnvironmentSpec* spec) {
  v1::Database& read = spec->mutable_databases()->at(database);
  const std::string app = read.migrate().app();
  const std::string place = PathOf(PathOf(path, "migrate"), "app");
  // Which database the app has nobody can say.
  if (places.IsBroken(PathOf(PathOf("apps", app), "database"))) places.Break(place);
  if (app.empty() || spec->apps().contains(app)) return;
  if (apps_.Find(app) != nullptr) return read.clear_migrate();
  problems_.Add(places.Of(place, /*at_key=*/false),
                absl::StrCat("no app ", Quoted(app), " in `apps`", DidYouMean(app, KeysIn(apps_))));
  places.Break(place);
}

}  // namespace davit::spec
