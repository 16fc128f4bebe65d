#ifndef DAVIT_COMMON_SPEC_SHAPE_H_
#define DAVIT_COMMON_SPEC_SHAPE_H_

#include <google/protobuf/descriptor.h>

#include "common/spec/problem_list.h"
#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Whether the tree has the shape of the message: keys that exist, mappings,
// lists and scalars where they belong. Looks at the file as it was written,
// before environments are merged, so that a misspelt key is found even where
// the merge would make it vanish.
void CheckShape(const Node& node, const google::protobuf::Descriptor& message,
                ProblemList& problems);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_SHAPE_H_
