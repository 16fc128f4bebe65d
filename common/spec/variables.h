#ifndef DAVIT_COMMON_SPEC_VARIABLES_H_
#define DAVIT_COMMON_SPEC_VARIABLES_H_

#include <functional>
#include <optional>
#include <string>

#include "common/spec/problem_list.h"
#include "common/spec/source_text.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

using VariableLookup = std::function<std::optional<std::string>(const std::string&)>;

// Puts values in the place of ${NAME} and ${NAME:-default}, a dollar in that of
// $$. Any other dollar stays: `sh -c "echo $HOME"` is the container's matter.
class Variables {
 public:
  Variables(const SourceText& source, const VariableLookup& lookup, ProblemList& problems)
      : source_(source), lookup_(lookup), problems_(problems) {}

  // nullopt: a problem has been added, at the place of the variable.
  std::optional<std::string> Expand(const Node& scalar);

 private:
  // The text between the braces, at `offset`.
  std::optional<std::string> Value(absl::string_view expression, Offset offset);

  const SourceText& source_;
  const VariableLookup& lookup_;
  ProblemList& problems_;
  size_t expanded_bytes_ = 0;  // by all calls: one value may stand in many places
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_VARIABLES_H_
