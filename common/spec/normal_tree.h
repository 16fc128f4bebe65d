#ifndef DAVIT_COMMON_SPEC_NORMAL_TREE_H_
#define DAVIT_COMMON_SPEC_NORMAL_TREE_H_

#include <google/protobuf/descriptor.h>

#include "common/spec/yaml_tree.h"

namespace davit::spec {

// The tree of a `message` with one form for what can be written in two: where a field has
// `list_of_keys`, the list [A, B] is the mapping {A: A, B: B}, each entry at the place of
// the list's. Entries that CheckShape() refuses are left out. Before anything is merged,
// so that a list and a mapping are merged as two mappings are.
NodePtr NormalTree(const NodePtr& node, const google::protobuf::Descriptor& message);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_NORMAL_TREE_H_
