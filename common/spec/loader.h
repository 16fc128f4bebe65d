#ifndef DAVIT_COMMON_SPEC_LOADER_H_
#define DAVIT_COMMON_SPEC_LOADER_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {

// One thing that is wrong with a davit.yaml.
struct Problem {
  int line = 0;         // from 1; 0: the file as a whole
  int column = 0;       // from 1
  std::string message;  // one sentence, with a suggestion where there is one
  std::string place{};  // what to look at instead of the file; empty: the file
  bool hides = false;   // the line may hold a secret: not to be shown
};

// file:line:column: message, the line itself, and a caret under the place; one
// problem after the other.
std::string FormatProblems(absl::string_view file_name, absl::string_view text,
                           const std::vector<Problem>& problems);

// Where a value comes from.
struct Origin {
  int line = 0;       // of the text; 0: it is not from the text
  std::string place;  // what gave it, or by what way it came; may be empty
};

// By path, of the scalars and lists that were given; the others have their defaults.
using Origins = absl::btree_map<std::string, Origin>;

struct LoadOptions {
  // Values for ${NAME}; nullopt: unset. Production: getenv.
  std::function<std::optional<std::string>(const std::string&)> variable;
  // Only this environment; empty: every one is merged and checked, result.specs
  // has them all.
  std::string environment;
  // result.origins are wanted.
  bool origins = false;
};

struct LoadResult {
  std::string project;
  std::vector<v1::EnvironmentSpec> specs;  // by name; complete only without problems
  std::vector<Problem> problems;           // all of them, by place
  // Of each of the specs, when they are wanted. A place is that of what brought the value:
  // "extends web, environment dev" with a line, "preset django" without.
  std::vector<Origins> origins;
  bool ok() const { return problems.empty(); }
};

// Reads davit.yaml through the descriptors of davit.v1.Project: unknown keys,
// wrong types, ranges, duplicates, unset variables, cycles, image references,
// ports, files. Merges environments over apps, resolves `extends`, fills in presets and
// defaults.
// Never throws; bounded in time and memory whatever the text (1 MiB, 50 levels,
// 100,000 nodes after aliases).
LoadResult LoadProject(absl::string_view text, const LoadOptions& options);

// Checks of a spec that need no text: what the controller asks of one that came
// over the wire. Each problem names its path: apps.web.container.ports[0].
std::vector<std::string> ValidateEnvironment(const v1::EnvironmentSpec& spec);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_LOADER_H_
