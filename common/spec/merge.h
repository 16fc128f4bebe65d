#ifndef DAVIT_COMMON_SPEC_MERGE_H_
#define DAVIT_COMMON_SPEC_MERGE_H_

#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Mappings by key, everything else as the overlay has it, nulls too: a null
// must live on to take away what `extends` brings. What both have keeps the
// base's place, so that a problem of a shared app has one place in every environment.
NodePtr Merge(const NodePtr& base, const NodePtr& overlay);

// An app as `extends` takes it from `parent`: image, environment and
// container, but for what makes a container itself.
NodePtr Inherit(const NodePtr& parent, const NodePtr& app);

// The tree without one of its keys.
NodePtr Without(const NodePtr& map, absl::string_view key);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_MERGE_H_
