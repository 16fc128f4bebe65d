// What no environment has: ProjectReader's checks of it.
#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/project_reader.h"
#include "common/spec/rules.h"

namespace davit::spec {

// Apps that no environment has are checked by themselves, so that a mistake in one is not
// found only on the day that it gets a home.
void ProjectReader::CheckHomelessApps() {
  EnvironmentTree tree(*apps_, *MapNode(kWholeFile, {}), variables_, problems_);
  DatabaseReader databases(databases_, *apps_, variables_, problems_);
  tree.ForEachApp([&](const MergedApp& app) {
    if (homed_.contains(app.name)) return true;
    v1::EnvironmentSpec spec;
    TakeProject(&spec);
    Places places = project_places_;
    if (!ReadApp(app, places, databases, &spec)) return false;
    const std::string path = PathOf("apps", app.name);
    const auto report = [&](const Finding& finding) { places.Add(finding, problems_); };
    CheckRules(spec.apps().at(app.name), path, report);
    CheckApp(spec.apps().at(app.name), path, report);
    CheckPush(spec, spec.apps().at(app.name), path, report);
    return true;
  });
  if (!exhausted_) CheckOtherDatabases(databases);
}

// Those that no environment uses, by themselves.
void ProjectReader::CheckOtherDatabases(const DatabaseReader& of_homeless) {
  if (databases_ == nullptr) return;
  // What is wrong elsewhere may be why: `databse: main`.
  const bool is_echo = !problems_.empty();
  for (const Entry& entry : ByName(*databases_)) {
    if (used_databases_.contains(entry.key)) continue;
    if (!is_echo && !of_homeless.uses().contains(entry.key)) {
      problems_.Add(entry.offset, absl::StrCat("no app uses the database ", Quoted(entry.key),
                                               "; those that do say `database: ", entry.key, "`"));
    }
    v1::EnvironmentSpec spec;
    Places places = project_places_;
    DatabaseReader alone(databases_, *apps_, variables_, problems_);
    alone.Use(entry.key, {}, "", places);
    alone.Read(places, &spec);
    CheckDatabase(entry.key, spec.databases().at(entry.key), PathOf("databases", entry.key),
                  [&](const Finding& finding) { places.Add(finding, problems_); });
  }
}

}  // namespace davit::spec
