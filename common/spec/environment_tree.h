#ifndef DAVIT_COMMON_SPEC_ENVIRONMENT_TREE_H_
#define DAVIT_COMMON_SPEC_ENVIRONMENT_TREE_H_

#include <functional>
#include <string>
#include <vector>

#include "common/spec/extends.h"
#include "common/spec/problem_list.h"
#include "common/spec/variables.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// One app of an environment, merged.
struct MergedApp {
  std::string name;
  Offset offset = kWholeFile;  // of its key
  ExtendedApp app;
};

// A part of what makes an app, as it is written: what lies above it replaces it.
struct Layer {
  NodePtr node;                 // a mapping
  std::string extended;         // the app that it is taken from by `extends`; empty: the app's own
  bool of_environment = false;  // said by the environment, not by `apps`
};

// The apps of the project merged with what one environment says of them, those
// it deletes left out. `environment` may be null.
class EnvironmentTree {
 public:
  EnvironmentTree(const Node& project_apps, const Node& environment, Variables& variables,
                  ProblemList& problems);

  // In the order of their names. False from `take` ends it.
  void ForEachApp(const std::function<bool(const MergedApp&)>& take);
  // What an app that ForEachApp() has told was made of, the lowest layer first.
  std::vector<Layer> LayersOf(const std::string& name) const;

 private:
  void TakeOverlay(const Node& overlay);

  ProblemList& problems_;
  AppNodes apps_;                                   // deleted ones too, as `extends` may name them
  absl::btree_map<std::string, NodePtr> owns_;      // as `apps` has them
  absl::btree_map<std::string, NodePtr> overlays_;  // as the environment has them
  absl::btree_set<std::string> deleted_;
  Extends extends_;
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_ENVIRONMENT_TREE_H_
