#include "common/spec/project_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/convert.h"
#include "common/spec/merge.h"
#include "common/spec/normal_tree.h"
#include "common/spec/origin_writer.h"
#include "common/spec/preset.h"
#include "common/spec/rules.h"
#include "common/spec/shape.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

// Values of all environments together: `extends` and environments multiply
// what a file of 100,000 values says.
constexpr int kMaxSpent = 500'000;
constexpr int kCostOfApp = 50;  // for its defaults

std::vector<std::string> KeysOf(const Node& map) {
  std::vector<std::string> keys;
  for (const Entry& entry : map.entries) keys.push_back(entry.key);
  return keys;
}

// The default that no rule of a field can say. What fails on one host of many, such as
// static files, is no reason to stop.
void SetTaskDefaults(v1::App& app) {
  for (v1::Task& task : *app.mutable_tasks()) {
    if (task.on_failure().empty()) task.set_on_failure(task.each_host() ? "warn" : "fail");
  }
}

}  // namespace

void ProjectReader::Read(const NodePtr& as_written, LoadResult* result) {
  if (!as_written->is_map()) {
    problems_.Add(as_written->offset,
                  absl::StrCat("the file must be a mapping with `project`, `apps` and "
                               "`environments`, not ",
                               Describe(*as_written)));
    return;
  }
  CheckShape(*as_written, *v1::Project::descriptor(), problems_);
  const NodePtr normal = NormalTree(as_written, *v1::Project::descriptor());
  const Node& root = *normal;
  project_places_.Set("", root.offset, root.offset);
  ReadOwnKeys(root);
  apps_ = RequiredMap(root, "apps");
  environments_ = RequiredMap(root, "environments");
  const Entry* databases = root.Find("databases");
  const bool none = databases == nullptr || databases->value->is_null();
  databases_ = none ? MapNode(root.offset, {}) : databases->value;
  if (!databases_->is_map()) databases_ = nullptr;
  result->project = project_.project();
  ReadEnvironments(result);
}

void ProjectReader::ReadOwnKeys(const Node& root) {
  Converter converter(variables_, project_places_, problems_);
  OriginWriter origins(source_, project_origins_);
  for (const char* key : {"project", "registries"}) {
    converter.FillField(root, *v1::Project::descriptor()->FindFieldByName(key), "", &project_);
    if (const Entry* entry = root.Find(key)) origins.Lay(*entry, "", "");
  }
}

NodePtr ProjectReader::RequiredMap(const Node& root, const std::string& key) {
  const Entry* entry = root.Find(key);
  if (entry == nullptr) {
    problems_.Add(root.offset, absl::StrCat("`", key, "` is required"));
  } else if (entry->value->is_null() || (entry->value->is_map() && entry->value->entries.empty())) {
    problems_.Add(entry->offset, absl::StrCat("`", key, "` must not be empty"));
  } else if (entry->value->is_map()) {
    return entry->value;
  }
  project_places_.Break(key);
  return MapNode(root.offset, {});
}

void ProjectReader::ReadEnvironments(LoadResult* result) {
  if (options_.environment.empty()) {
    for (const Entry& environment : ByName(*environments_)) {
      if (!exhausted_) ReadEnvironment(environment, result);
    }
    if (!exhausted_) CheckHomelessApps();
  } else if (const Entry* environment = environments_->Find(options_.environment)) {
    ReadEnvironment(*environment, result);
  } else {
    problems_.Add(
        kWholeFile,
        absl::StrCat("no environment ", Quoted(options_.environment), " in `environments`",
                     DidYouMean(options_.environment, KeysOf(*environments_))));
  }
}

void ProjectReader::ReadEnvironment(const Entry& environment, LoadResult* result) {
  v1::EnvironmentSpec spec;
  TakeProject(&spec);
  spec.set_environment(environment.key);
  Places places = project_places_;
  places.Set("", environment.offset, environment.offset);
  places.Set("environment", environment.offset, environment.offset);
  ReadHosts(*environment.value, places, &spec);
  EnvironmentTree tree(*apps_, *environment.value, variables_, problems_);
  DatabaseReader databases(databases_, *apps_, variables_, problems_);
  tree.ForEachApp([&](const MergedApp& app) {
    homed_.insert(app.name);
    return ReadApp(app, places, databases, &spec);
  });
  if (exhausted_ || !ReadDatabases(environment, places, databases, &spec)) return;
  CheckEnvironment(spec, [&](const Finding& finding) { places.Add(finding, problems_); });
  if (options_.origins) result->origins.push_back(OriginsOf(environment, tree, databases));
  result->specs.push_back(std::move(spec));
}

void ProjectReader::TakeProject(v1::EnvironmentSpec* spec) const {
  spec->set_project(project_.project());
  *spec->mutable_registries() = project_.registries();
}

Origins ProjectReader::OriginsOf(const Entry& environment, EnvironmentTree& tree,
                                 const DatabaseReader& databases) {
  Origins origins = project_origins_;
  OriginWriter writer(source_, origins);
  const std::string said = absl::StrCat("environment ", environment.key);
  if (const Entry* hosts = environment.value->Find("hosts")) writer.Lay(*hosts, "", "");
  tree.ForEachApp([&](const MergedApp& app) {
    const std::string path = PathOf("apps", app.name);
    const Preset preset = PresetOf(*app.app.node);
    writer.LayEntries(*preset.tree, path, absl::StrCat("preset ", preset.name), /*in_text=*/false);
    for (const Layer& layer : tree.LayersOf(app.name)) {
      const std::string extends =
          layer.extended.empty() ? "" : absl::StrCat("extends ", layer.extended);
      const absl::string_view comma = extends.empty() || !layer.of_environment ? "" : ", ";
      writer.LayEntries(*layer.node, path,
                        absl::StrCat(extends, comma, layer.of_environment ? said : ""));
    }
    return true;
  });
  databases.LayOrigins(writer);
  return origins;
}

bool ProjectReader::ReadDatabases(const Entry& environment, Places& places,
                                  DatabaseReader& databases, v1::EnvironmentSpec* spec) {
  if (!Spend(databases.size(), environment.offset)) return false;
  databases.Read(places, spec);
  for (const auto& [name, uses] : databases.uses()) used_databases_.insert(name);
  return true;
}

void ProjectReader::ReadHosts(const Node& environment, Places& places, v1::EnvironmentSpec* spec) {
  v1::Environment message;
  Converter converter(variables_, places, problems_);
  converter.FillField(environment, *v1::Environment::descriptor()->FindFieldByName("hosts"), "",
                      &message);
  *spec->mutable_hosts() = std::move(*message.mutable_hosts());
}

bool ProjectReader::ReadApp(const MergedApp& app, Places& places, DatabaseReader& databases,
                            v1::EnvironmentSpec* spec) {
  if (!Spend(app.app.node->size + kCostOfApp, app.offset)) return false;
  const std::string path = PathOf("apps", app.name);
  const Node& node = *app.app.node;
  places.Set(path, app.offset, node.offset);
  if (!app.app.complete) {
    // What these lack may be there in the app that could not be found.
    places.Break(PathOf(path, "image"));
    places.Break(PathOf(PathOf(path, "env"), "required"));
    places.Break(PathOf(path, "files"));
    places.Break(PathOf(path, "database"));
  }
  if (!node.is_map() && !node.is_null()) places.Break(path);
  const NodePtr filled = FillIn(PresetOf(node).tree, app.app.node, *v1::App::descriptor());
  v1::App& read = (*spec->mutable_apps())[app.name];
  Converter(variables_, places, problems_).Fill(*filled, path, &read);
  SetTaskDefaults(read);
  if (!read.database().empty()) UseDatabase(app, read.database(), places, databases);
  return true;
}

void ProjectReader::UseDatabase(const MergedApp& app, const std::string& database, Places& places,
                                DatabaseReader& databases) {
  const std::string path = PathOf(PathOf("apps", app.name), "database");
  if (databases_ == nullptr) return places.Break(path);
  const Entry* preset = app.app.node->Find("preset");
  const Offset place = preset == nullptr ? app.offset : preset->value->offset;
  const std::string name = PresetOf(*app.app.node).name;
  databases.Use(database, {app.name, name, PresetMigration(name, app.name, place)}, path, places);
}

ProjectReader::Preset ProjectReader::PresetOf(const Node& app) {
  const Entry* entry = app.Find("preset");
  if (entry == nullptr || !entry->value->is_scalar()) return {"", MapNode(app.offset, {})};
  const std::string name = variables_.Expand(*entry->value).value_or("");
  return {name, PresetTree(name, app, entry->value->offset)};
}

bool ProjectReader::Spend(int values, Offset place) {
  spent_ += values;
  if (spent_ <= kMaxSpent) return true;
  exhausted_ = true;
  problems_.Add(place,
                "`extends` and environments make too much of this file: more than "
                "500,000 values");
  return false;
}

}  // namespace davit::spec
