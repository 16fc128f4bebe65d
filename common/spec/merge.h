#ifndef DAVIT_COMMON_SPEC_MERGE_H_
#define DAVIT_COMMON_SPEC_MERGE_H_

#include <google/protobuf/descriptor.h>

#include "common/spec/yaml_tree.h"

namespace davit::spec {

// Mappings by key, everything else as the overlay has it, nulls too: a null
// must live on to take away what `extends` brings. What both have keeps the
// base's place, so that a problem of a shared app has one place in every environment.
NodePtr Merge(const NodePtr& base, const NodePtr& overlay);

// Merge() of apps. A variable is either clear or secret: where the overlay makes it the one,
// the other goes from the base.
NodePtr MergeApp(const NodePtr& base, const NodePtr& overlay);

// What `extends` takes of an app, which is a mapping: image, environment, files, database
// and container, but for what makes a container itself.
NodePtr InheritedPart(const NodePtr& parent);

// An app with what it takes from `parent`.
NodePtr Inherit(const NodePtr& parent, const NodePtr& app);

// The app with what `preset` has for keys that are absent, at every depth of mappings that
// the message has. A null is no absence: it takes away what the preset brings. Of keys that
// exclude each other the app's own is the one.
NodePtr FillIn(const NodePtr& preset, const NodePtr& app,
               const google::protobuf::Descriptor& message);

// The tree without one of its keys.
NodePtr Without(const NodePtr& map, absl::string_view key);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_MERGE_H_
