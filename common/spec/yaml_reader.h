#ifndef DAVIT_COMMON_SPEC_YAML_READER_H_
#define DAVIT_COMMON_SPEC_YAML_READER_H_

#include "common/spec/problem_list.h"
#include "common/spec/source_text.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Reads the one YAML document of a text that FindTextFault() has nothing
// against. nullptr: no tree, and problems say why. A tree together with problems: duplicate
// keys and the like, of which the first is kept. At most 50 levels and 100,000
// nodes after aliases; never throws.
NodePtr ReadYaml(const SourceText& source, ProblemList& problems);

// ReadYaml() of any text; what FindTextFault() has against it is a problem.
NodePtr ReadTree(const SourceText& source, ProblemList& problems);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_YAML_READER_H_
