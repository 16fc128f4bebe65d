#include "common/spec/preset.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "common/presets/presets.h"
#include "common/spec/merge.h"
#include "common/spec/rules.h"
#include "common/spec/yaml_reader.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {
namespace {

NodePtr MovedTo(Offset place, const Node& node) {
  auto moved = std::make_shared<Node>(node);
  moved->offset = place;
  for (NodePtr& item : moved->items) item = MovedTo(place, *item);
  for (Entry& entry : moved->entries) {
    entry = {entry.key, place, MovedTo(place, *entry.value)};
  }
  return moved;
}

// Whether the mapping has a value at the path.
bool Has(const Node& map, absl::Span<const absl::string_view> path) {
  const Entry* entry = map.Find(path.front());
  if (entry == nullptr || entry->value->is_null()) return false;
  return path.size() == 1 || Has(*entry->value, path.subspan(1));
}

// The mapping without the key at the path.
NodePtr WithoutPath(const NodePtr& map, absl::Span<const absl::string_view> path) {
  if (path.size() == 1) return Without(map, path.front());
  std::vector<Entry> entries = map->entries;
  for (Entry& entry : entries) {
    if (entry.key == path.front()) entry.value = WithoutPath(entry.value, path.subspan(1));
  }
  return MapNode(map->offset, std::move(entries));
}

// Of each preset once: a file has it for many apps.
NodePtr ReadPreset(absl::string_view preset) {
  ProblemList none;  // a test reads every preset
  const absl::string_view text = presets::PresetText(preset);
  const NodePtr tree = text.empty() ? nullptr : ReadYaml(SourceText(text), none);
  return tree != nullptr && tree->is_map() ? tree : MapNode(kWholeFile, {});
}

const NodePtr& Tree(absl::string_view preset) {
  static const auto& trees = *[] {
    auto* read = new absl::flat_hash_map<std::string, NodePtr>;
    const auto& field = *v1::App::descriptor()->FindFieldByName("preset");
    for (const std::string& name : RulesOf(field).one_of()) (*read)[name] = ReadPreset(name);
    return read;
  }();
  static const NodePtr& nothing = *new NodePtr(MapNode(kWholeFile, {}));
  const auto found = trees.find(preset);
  return found == trees.end() ? nothing : found->second;
}

}  // namespace

NodePtr PresetTree(absl::string_view preset, const Node& app, Offset place) {
  NodePtr tree = Tree(preset);
  if (Has(app, {"healthcheck", "http", "path"})) {
    tree = WithoutPath(tree, {"healthcheck", "http", "status"});
  }
  return MovedTo(place, *tree);
}

}  // namespace davit::spec
