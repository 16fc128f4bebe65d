#include "common/spec/normal_tree.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

NodePtr MapOfKeys(const Node& list) {
  absl::flat_hash_set<absl::string_view> seen;
  std::vector<Entry> entries;
  for (const NodePtr& item : list.items) {
    if (!item->is_scalar() || !seen.insert(item->text).second) continue;
    entries.push_back({item->text, item->offset, item});
  }
  return MapNode(list.offset, std::move(entries));
}

// The mapping with what `normal` makes of each entry; itself when that changes nothing.
template <typename Normal>
NodePtr EachEntry(const NodePtr& map, const Normal& normal) {
  std::vector<Entry> entries;
  bool changed = false;
  for (const Entry& entry : map->entries) {
    entries.push_back({entry.key, entry.offset, normal(entry)});
    changed = changed || entries.back().value != entry.value;
  }
  return changed ? MapNode(map->offset, std::move(entries)) : map;
}

// The list with the normal tree of each entry; itself when that changes nothing.
NodePtr EachItem(const NodePtr& list, const Descriptor& message) {
  auto normal = std::make_shared<Node>(*list);
  for (NodePtr& item : normal->items) {
    const NodePtr changed = NormalTree(item, message);
    normal->size += changed->size - item->size;
    normal->height = std::max(normal->height, changed->height + 1);
    item = changed;
  }
  return normal->items == list->items ? list : normal;
}

NodePtr NormalField(const NodePtr& node, const FieldDescriptor& field) {
  if (field.is_map()) {
    if (node->is_list() && RulesOf(field).list_of_keys()) return MapOfKeys(*node);
    const FieldDescriptor& value = *field.message_type()->map_value();
    if (!node->is_map() || IsScalar(value)) return node;
    return EachEntry(
        node, [&](const Entry& entry) { return NormalTree(entry.value, *value.message_type()); });
  }
  if (IsScalar(field)) return node;
  if (!field.is_repeated()) return NormalTree(node, *field.message_type());
  return node->is_list() ? EachItem(node, *field.message_type()) : node;
}

}  // namespace

NodePtr NormalTree(const NodePtr& node, const Descriptor& message) {
  if (!node->is_map()) return node;
  return EachEntry(node, [&](const Entry& entry) {
    const FieldDescriptor* field = message.FindFieldByName(entry.key);
    return field == nullptr ? entry.value : NormalField(entry.value, *field);
  });
}

}  // namespace davit::spec
