#include "common/spec/yaml_tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/problem_list.h"

namespace davit::spec {

const Entry* Node::Find(absl::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

NodePtr NullNode(Offset offset) {
  auto node = std::make_shared<Node>();
  node->offset = offset;
  return node;
}

NodePtr MapNode(Offset offset, std::vector<Entry> entries) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kMap;
  node->offset = offset;
  for (const Entry& entry : entries) {
    node->size += 1 + entry.value->size;
    node->height = std::max(node->height, 1 + entry.value->height);
  }
  node->entries = std::move(entries);
  return node;
}

std::vector<Entry> ByName(const Node& map) {
  std::vector<Entry> entries = map.entries;
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });
  return entries;
}

std::string Describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return absl::StrCat("the text ", Quoted(node.text));
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
  }
  return "nothing";
}

bool IsUsersOwn(absl::string_view key) { return absl::StartsWith(key, "x-"); }

}  // namespace davit::spec
