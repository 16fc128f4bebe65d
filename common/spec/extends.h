#ifndef DAVIT_COMMON_SPEC_EXTENDS_H_
#define DAVIT_COMMON_SPEC_EXTENDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "common/spec/problem_list.h"
#include "common/spec/variables.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Apps by name, as an environment has them before `extends`.
using AppNodes = absl::btree_map<std::string, Entry>;

// An app with what it extends.
struct ExtendedApp {
  NodePtr node;
  bool complete = true;  // false: what it extends could not be found, a problem says so
};

// Resolves `extends` among the apps of one environment. Follows chains in a
// loop: a file may make them as long as it likes.
class Extends {
 public:
  Extends(const AppNodes& apps, Variables& variables, ProblemList& problems)
      : apps_(apps), variables_(variables), problems_(problems) {}

  // `name` must be one of the apps.
  const ExtendedApp& Resolve(const std::string& name);
  // The app that a resolved one takes from; "" when there is none.
  std::string Parent(const std::string& name) const;

 private:
  enum class Link { kNone, kParent, kBroken };

  Link ParentOf(const std::string& app, std::string* parent);
  void ReportCircle(std::vector<std::string> circle);

  const AppNodes& apps_;
  Variables& variables_;
  ProblemList& problems_;
  absl::btree_map<std::string, ExtendedApp> resolved_;
  absl::btree_map<std::string, std::string> parents_;
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_EXTENDS_H_
