#ifndef DAVIT_COMMON_SPEC_YAML_TREE_H_
#define DAVIT_COMMON_SPEC_YAML_TREE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/source_text.h"

namespace davit::spec {

struct Node;
// Nodes never change once made, so aliases, merged keys and environments share them.
using NodePtr = std::shared_ptr<const Node>;

// A key of a mapping with its value. The keys of one mapping are unique.
struct Entry {
  std::string key;
  Offset offset = kWholeFile;  // of the key
  NodePtr value;               // never null
};

// One value of the file, in the file's order. What a scalar means is for the
// schema to say: its text stays as it was written.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Offset offset = kWholeFile;
  std::string text;            // kScalar
  std::vector<NodePtr> items;  // kList
  std::vector<Entry> entries;  // kMap
  // Nodes of this tree, shared ones as often as they are met, and its levels.
  int size = 1;
  int height = 1;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }

  // The entry under `key`, or nullptr.
  const Entry* Find(absl::string_view key) const;
};

NodePtr NullNode(Offset offset);
// A mapping; size and height are worked out.
NodePtr MapNode(Offset offset, std::vector<Entry> entries);

// The entries of a mapping in the order of their keys.
std::vector<Entry> ByName(const Node& map);

// What a node is, in words: "a list", "the text `x`".
std::string Describe(const Node& node);

// Keys that begin with x- are the user's own, in every mapping of the schema.
bool IsUsersOwn(absl::string_view key);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_YAML_TREE_H_
