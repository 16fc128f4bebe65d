#include "common/spec/loader.h"

#include "common/spec/project_reader.h"
#include "common/spec/source_text.h"
#include "common/spec/yaml_reader.h"

namespace davit::spec {

LoadResult LoadProject(absl::string_view text, const LoadOptions& options) {
  const SourceText source(text);
  ProblemList problems;
  LoadResult result;
  if (const NodePtr root = ReadTree(source, problems); root != nullptr) {
    ProjectReader(source, options, problems).Read(root, &result);
  }
  result.problems = problems.ByPlace(source);
  return result;
}

}  // namespace davit::spec
