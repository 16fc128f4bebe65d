#include "common/spec/merge.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace davit::spec {
namespace {

constexpr absl::string_view kInherited[] = {"image", "env", "container"};
constexpr absl::string_view kOfContainerAlone[] = {"name", "hostname", "ports", "command",
                                                   "entrypoint"};

template <size_t N>
bool IsIn(const absl::string_view (&names)[N], absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

NodePtr InheritedContainer(const NodePtr& container) {
  if (!container->is_map()) return container;
  std::vector<Entry> kept;
  for (const Entry& entry : container->entries) {
    if (!IsIn(kOfContainerAlone, entry.key)) kept.push_back(entry);
  }
  return MapNode(container->offset, std::move(kept));
}

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

NodePtr Inherit(const NodePtr& parent, const NodePtr& app) {
  if (!parent->is_map()) return app;
  std::vector<Entry> inherited;
  for (const Entry& entry : parent->entries) {
    if (!IsIn(kInherited, entry.key)) continue;
    inherited.push_back(entry);
    if (entry.key == "container") inherited.back().value = InheritedContainer(entry.value);
  }
  const NodePtr base = MapNode(app->offset, std::move(inherited));
  return app->is_null() ? base : Merge(base, app);
}

NodePtr Without(const NodePtr& map, absl::string_view key) {
  std::vector<Entry> kept;
  for (const Entry& entry : map->entries) {
    if (entry.key != key) kept.push_back(entry);
  }
  return MapNode(map->offset, std::move(kept));
}

}  // namespace davit::spec
