#ifndef DAVIT_COMMON_SPEC_PROJECT_READER_H_
#define DAVIT_COMMON_SPEC_PROJECT_READER_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "common/spec/database_reader.h"
#include "common/spec/environment_tree.h"
#include "common/spec/loader.h"
#include "common/spec/places.h"
#include "common/spec/problem_list.h"
#include "common/spec/variables.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Makes the specs of a project's environments out of the file's tree.
class ProjectReader {
 public:
  ProjectReader(const SourceText& source, const LoadOptions& options, ProblemList& problems)
      : source_(source),
        options_(options),
        problems_(problems),
        variables_(source, options.variable, problems) {}

  // Fills in project and specs; problems go to the list.
  void Read(const NodePtr& as_written, LoadResult* result);

 private:
  // What an app's `preset` names; an empty tree when there is none.
  struct Preset {
    std::string name;
    NodePtr tree;
  };

  // What the file says of the project itself.
  void ReadOwnKeys(const Node& root);
  void TakeProject(v1::EnvironmentSpec* spec) const;
  // The mapping under a key that is required; an empty one, with a problem, otherwise.
  NodePtr RequiredMap(const Node& root, const std::string& key);
  void ReadEnvironments(LoadResult* result);
  void ReadEnvironment(const Entry& environment, LoadResult* result);
  void CheckHomelessApps();
  void CheckOtherDatabases(const DatabaseReader& of_homeless);
  void ReadHosts(const Node& environment, Places& places, v1::EnvironmentSpec* spec);
  bool ReadApp(const MergedApp& app, Places& places, DatabaseReader& databases,
               v1::EnvironmentSpec* spec);
  void UseDatabase(const MergedApp& app, const std::string& database, Places& places,
                   DatabaseReader& databases);
  bool ReadDatabases(const Entry& environment, Places& places, DatabaseReader& databases,
                     v1::EnvironmentSpec* spec);
  Preset PresetOf(const Node& app);
  // Whether a file may still make that many values, of what stands at `place`.
  bool Spend(int values, Offset place);
  Origins OriginsOf(const Entry& environment, EnvironmentTree& tree,
                    const DatabaseReader& databases);

  const SourceText& source_;
  const LoadOptions& options_;
  ProblemList& problems_;
  Variables variables_;
  Places project_places_;  // what all environments have in common
  Origins project_origins_;
  v1::Project project_;  // its own keys
  NodePtr apps_;
  NodePtr environments_;
  NodePtr databases_;  // null: what stands there is no mapping, a problem says so
  absl::flat_hash_set<std::string> used_databases_;  // by apps that live in an environment
  absl::flat_hash_set<std::string> homed_;           // apps that live in an environment
  int spent_ = 0;
  bool exhausted_ = false;  // too much was spent; a problem says so
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_PROJECT_READER_H_
