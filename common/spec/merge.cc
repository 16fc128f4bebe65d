#include "common/spec/merge.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr absl::string_view kInherited[] = {"image", "env",       "env_mounts",
                                            "files", "container", "database"};
constexpr absl::string_view kOfContainerAlone[] = {"name", "hostname", "ports", "command",
                                                   "entrypoint"};

template <size_t N>
bool IsIn(const absl::string_view (&names)[N], absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// The mapping without the keys to which `other` gives a value.
NodePtr WithoutKeysOf(const NodePtr& map, const Node& other) {
  absl::flat_hash_set<absl::string_view> given;
  for (const Entry& entry : other.entries) {
    if (!entry.value->is_null()) given.insert(entry.key);
  }
  std::vector<Entry> kept;
  for (const Entry& entry : map->entries) {
    if (!given.contains(entry.key)) kept.push_back(entry);
  }
  return MapNode(map->offset, std::move(kept));
}

// The environment without what the overlay makes of the other kind: a variable is
// either clear or secret, and the overlay's word is the last.
NodePtr WithoutOtherKind(const NodePtr& env, const Node& overlay) {
  if (!env->is_map()) return env;
  std::vector<Entry> entries = env->entries;
  for (Entry& entry : entries) {
    const absl::string_view other = entry.key == "clear"    ? "secret"
                                    : entry.key == "secret" ? "clear"
                                                            : "";
    const Entry* replacing = other.empty() ? nullptr : overlay.Find(other);
    if (replacing == nullptr || !replacing->value->is_map() || !entry.value->is_map()) continue;
    entry.value = WithoutKeysOf(entry.value, *replacing->value);
  }
  return MapNode(env->offset, std::move(entries));
}

NodePtr InheritedContainer(const NodePtr& container) {
  if (!container->is_map()) return container;
  std::vector<Entry> kept;
  for (const Entry& entry : container->entries) {
    if (!IsIn(kOfContainerAlone, entry.key)) kept.push_back(entry);
  }
  return MapNode(container->offset, std::move(kept));
}

// Whether the app has another one of those keys of which only one can be given.
bool IsExcluded(const std::string& key, const Node& app, const Descriptor& message) {
  const auto& exclusive = RulesOf(message).at_most_one_of();
  if (std::find(exclusive.begin(), exclusive.end(), key) == exclusive.end()) return false;
  return std::any_of(exclusive.begin(), exclusive.end(), [&](const std::string& other) {
    const Entry* entry = app.Find(other);
    return entry != nullptr && !entry->value->is_null();
  });
}

bool IsMessage(const FieldDescriptor& field) { return !field.is_repeated() && !IsScalar(field); }

}  // namespace

NodePtr Merge(const NodePtr& base, const NodePtr& overlay) {
  if (!base->is_map() || !overlay->is_map()) return overlay;
  absl::flat_hash_map<absl::string_view, size_t> positions;
  std::vector<Entry> entries = base->entries;
  for (size_t i = 0; i < base->entries.size(); ++i) positions[base->entries[i].key] = i;
  for (const Entry& entry : overlay->entries) {
    const auto found = positions.find(entry.key);
    if (found == positions.end()) {
      entries.push_back(entry);
      continue;
    }
    Entry& merged = entries[found->second];
    const bool both_maps = merged.value->is_map() && entry.value->is_map();
    if (!both_maps) merged.offset = entry.offset;
    merged.value = Merge(merged.value, entry.value);
  }
  return MapNode(base->offset, std::move(entries));
}

NodePtr MergeApp(const NodePtr& base, const NodePtr& overlay) {
  const Entry* env = overlay->Find("env");
  const Entry* base_env = base->Find("env");
  if (env == nullptr || base_env == nullptr || !env->value->is_map()) return Merge(base, overlay);
  std::vector<Entry> entries = base->entries;
  for (Entry& entry : entries) {
    if (entry.key == "env") entry.value = WithoutOtherKind(entry.value, *env->value);
  }
  return Merge(MapNode(base->offset, std::move(entries)), overlay);
}

NodePtr InheritedPart(const NodePtr& parent) {
  std::vector<Entry> inherited;
  for (const Entry& entry : parent->entries) {
    if (!IsIn(kInherited, entry.key)) continue;
    inherited.push_back(entry);
    if (entry.key == "container") inherited.back().value = InheritedContainer(entry.value);
  }
  return MapNode(parent->offset, std::move(inherited));
}

NodePtr Inherit(const NodePtr& parent, const NodePtr& app) {
  if (!parent->is_map()) return app;
  // At the place of the app: a problem of the whole is the app's own.
  const NodePtr base = MapNode(app->offset, InheritedPart(parent)->entries);
  return app->is_null() ? base : MergeApp(base, app);
}

NodePtr FillIn(const NodePtr& preset, const NodePtr& app, const Descriptor& message) {
  if (!preset->is_map()) return app;
  if (app->is_null()) return preset;
  if (!app->is_map()) return app;
  std::vector<Entry> entries = app->entries;
  for (const Entry& entry : preset->entries) {
    const FieldDescriptor* field = message.FindFieldByName(entry.key);
    const auto own = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& e) { return e.key == entry.key; });
    if (own == entries.end()) {
      if (!IsExcluded(entry.key, *app, message)) entries.push_back(entry);
    } else if (field != nullptr && IsMessage(*field) && own->value->is_map()) {
      own->value = FillIn(entry.value, own->value, *field->message_type());
    }
  }
  return MapNode(app->offset, std::move(entries));
}

NodePtr Without(const NodePtr& map, absl::string_view key) {
  std::vector<Entry> kept;
  for (const Entry& entry : map->entries) {
    if (entry.key != key) kept.push_back(entry);
  }
  return MapNode(map->offset, std::move(kept));
}

}  // namespace davit::spec
