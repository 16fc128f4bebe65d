#include "common/spec/project_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/convert.h"
#include "common/spec/merge.h"
#include "common/spec/rules.h"
#include "common/spec/shape.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

// Values of all environments together: `extends` and environments multiply
// what a file of 100,000 values says.
constexpr int kMaxSpent = 500'000;
constexpr int kCostOfApp = 50;  // for its defaults

std::vector<Entry> ByName(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });
  return entries;
}

std::vector<std::string> KeysOf(const Node& map) {
  std::vector<std::string> keys;
  for (const Entry& entry : map.entries) keys.push_back(entry.key);
  return keys;
}

}  // namespace

void ProjectReader::Read(const Node& root, LoadResult* result) {
  if (!root.is_map()) {
    problems_.Add(root.offset, absl::StrCat("the file must be a mapping with `project`, `apps` and "
                                            "`environments`, not ",
                                            Describe(root)));
    return;
  }
  CheckShape(root, *v1::Project::descriptor(), problems_);
  project_places_.Set("", root.offset, root.offset);
  ReadName(root);
  apps_ = RequiredMap(root, "apps");
  environments_ = RequiredMap(root, "environments");
  result->project = project_;
  ReadEnvironments(result);
}

void ProjectReader::ReadName(const Node& root) {
  v1::Project project;
  Converter converter(variables_, project_places_, problems_);
  converter.FillField(root, *v1::Project::descriptor()->FindFieldByName("project"), "", &project);
  project_ = project.project();
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
    for (const Entry& environment : ByName(environments_->entries)) {
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
  spec.set_project(project_);
  spec.set_environment(environment.key);
  Places places = project_places_;
  places.Set("", environment.offset, environment.offset);
  places.Set("environment", environment.offset, environment.offset);
  ReadHosts(*environment.value, places, &spec);
  EnvironmentTree tree(*apps_, *environment.value, variables_, problems_);
  tree.ForEachApp([&](const MergedApp& app) {
    homed_.insert(app.name);
    return ReadApp(app, places, &spec);
  });
  if (exhausted_) return;
  CheckEnvironment(spec, [&](const Finding& finding) { places.Add(finding, problems_); });
  result->specs.push_back(std::move(spec));
}

// Apps that no environment has are checked by themselves, so that a mistake in one is not
// found only on the day that it gets a home.
void ProjectReader::CheckHomelessApps() {
  EnvironmentTree tree(*apps_, *MapNode(kWholeFile, {}), variables_, problems_);
  tree.ForEachApp([&](const MergedApp& app) {
    if (homed_.contains(app.name)) return true;
    v1::EnvironmentSpec spec;
    Places places = project_places_;
    if (!ReadApp(app, places, &spec)) return false;
    const std::string path = PathOf("apps", app.name);
    const auto report = [&](const Finding& finding) { places.Add(finding, problems_); };
    CheckRules(spec.apps().at(app.name), path, report);
    CheckApp(spec.apps().at(app.name), path, report);
    return true;
  });
}

void ProjectReader::ReadHosts(const Node& environment, Places& places, v1::EnvironmentSpec* spec) {
  v1::Environment message;
  Converter converter(variables_, places, problems_);
  converter.FillField(environment, *v1::Environment::descriptor()->FindFieldByName("hosts"), "",
                      &message);
  *spec->mutable_hosts() = std::move(*message.mutable_hosts());
}

bool ProjectReader::ReadApp(const MergedApp& app, Places& places, v1::EnvironmentSpec* spec) {
  if (!Spend(app)) return false;
  const std::string path = PathOf("apps", app.name);
  const Node& node = *app.app.node;
  places.Set(path, app.offset, node.offset);
  if (!app.app.complete) places.Break(PathOf(path, "image"));
  if (!node.is_map() && !node.is_null()) places.Break(path);
  Converter(variables_, places, problems_).Fill(node, path, &(*spec->mutable_apps())[app.name]);
  return true;
}

bool ProjectReader::Spend(const MergedApp& app) {
  spent_ += app.app.node->size + kCostOfApp;
  if (spent_ <= kMaxSpent) return true;
  exhausted_ = true;
  problems_.Add(app.offset,
                "`extends` and environments make too much of this file: more than "
                "500,000 values");
  return false;
}

}  // namespace davit::spec
