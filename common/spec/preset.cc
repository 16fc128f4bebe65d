#include "common/spec/preset.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "common/presets/presets.h"
#include "common/spec/merge.h"
#include "common/spec/port.h"
#include "common/spec/rules.h"
#include "common/spec/yaml_reader.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {
namespace {

constexpr absl::string_view kMigrate = "migrate";

NodePtr MovedTo(Offset place, const Node& node) {
  auto moved = std::make_shared<Node>(node);
  moved->offset = place;
  for (NodePtr& item : moved->items) item = MovedTo(place, *item);
  for (Entry& entry : moved->entries) {
    entry = {entry.key, place, MovedTo(place, *entry.value)};
  }
  return moved;
}

using Path = absl::Span<const absl::string_view>;

// Whether the mapping has a value at the path.
bool Has(const Node& map, Path path) {
  const Entry* entry = map.Find(path.front());
  if (entry == nullptr || entry->value->is_null()) return false;
  return path.size() == 1 || Has(*entry->value, path.subspan(1));
}

// The mapping with another value at the path, or without the key when it is null; itself when
// it has nothing there.
NodePtr Edited(const NodePtr& map, Path path, const NodePtr& value) {
  if (path.size() == 1 && value == nullptr) return Without(map, path.front());
  std::vector<Entry> entries = map->entries;
  for (Entry& entry : entries) {
    if (entry.key != path.front()) continue;
    entry.value = path.size() == 1 ? value : Edited(entry.value, path.subspan(1), value);
  }
  return MapNode(map->offset, std::move(entries));
}

// The container's port, where the app publishes one and no more: "80" of "8080:80/tcp". Empty
// where there is no telling.
std::string OnlyPort(const Node& app) {
  const Entry* container = app.Find("container");
  const Entry* ports = container == nullptr ? nullptr : container->value->Find("ports");
  if (ports == nullptr || ports->value->items.size() != 1) return "";
  const absl::string_view text = ports->value->items.front()->text;
  // The host's port may be a variable; what is wrong with it is for others to say.
  const absl::string_view container_side = text.substr(text.rfind(':') + 1);
  const auto port = ParsePort(absl::StrCat("1:", container_side));
  return port.ok() && port->protocol == "tcp" ? absl::StrCat(port->container_port) : "";
}

NodePtr Text(const std::string& text) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kScalar;
  node->text = text;
  return node;
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
  NodePtr tree = Without(Tree(preset), kMigrate);  // which is no key of an app
  if (Has(app, {"healthcheck", "http", "path"})) {
    tree = Edited(tree, {"healthcheck", "http", "status"}, nullptr);
  }
  if (const std::string port = OnlyPort(app); !port.empty()) {
    tree = Edited(tree, {"healthcheck", "http", "port"}, Text(port));
  }
  return MovedTo(place, *tree);
}

NodePtr PresetMigration(absl::string_view preset, const std::string& app, Offset place) {
  const Entry* migrate = Tree(preset)->Find(kMigrate);
  if (migrate == nullptr) return nullptr;
  std::vector<Entry> entries = migrate->value->entries;
  // What looks like a variable in the name is its text.
  entries.push_back({"app", place, Text(absl::StrReplaceAll(app, {{"$", "$$"}}))});
  return MovedTo(place, *MapNode(place, std::move(entries)));
}

}  // namespace davit::spec
