#include "common/spec/yaml_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace davit::spec {
namespace {

constexpr int kMaxNodes = 100'000;
constexpr int kMaxLevels = 50;
constexpr size_t kMaxKeyLength = 256;
// A scalar counts once more for each so many bytes: an alias to a long text is
// as good a bomb as one to a long list.
constexpr int kBytesPerNode = 256;
constexpr absl::string_view kStandardTags = "tag:yaml.org,2002:";

NodePtr ScalarNode(Offset offset, const std::string& text) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kScalar;
  node->offset = offset;
  node->text = text;
  node->size = 1 + static_cast<int>(text.size()) / kBytesPerNode;
  return node;
}

bool IsStandard(absl::string_view tag) {
  if (tag.empty() || tag == "?" || tag == "!") return true;
  if (!absl::ConsumePrefix(&tag, kStandardTags)) return false;
  for (absl::string_view known : {"str", "int", "float", "bool", "null", "map", "seq", "merge"}) {
    if (tag == known) return true;
  }
  return false;
}

}  // namespace

void YamlBuilder::Stop(Offset offset, std::string message) {
  problems_.Add(offset, std::move(message));
  throw StopReading();
}

void YamlBuilder::Count(Offset offset, int nodes) {
  nodes_ += nodes;
  if (nodes_ > kMaxNodes) Stop(offset, "more than 100,000 values, those of aliases included");
}

void YamlBuilder::CheckTag(Offset offset, const std::string& tag) {
  if (!IsStandard(tag)) problems_.Add(offset, absl::StrCat("unknown tag ", Quoted(tag)));
}

bool YamlBuilder::AtKey() const {
  return !open_.empty() && open_.back().node->is_map() && open_.back().next == Next::kKey;
}

void YamlBuilder::TakeKey(Offset offset, const std::string& tag, const std::string& key) {
  Open& map = open_.back();
  map.key = key;
  map.key_offset = offset;
  const auto [first, is_new] = map.keys.emplace(key, offset);
  map.next = key == "<<" && tag == "?" ? Next::kMerge : Next::kValue;
  if (key.size() > kMaxKeyLength) {
    problems_.Add(offset, "a key of more than 256 bytes");
    map.next = Next::kDropped;
  } else if (!is_new) {
    problems_.Add(offset,
                  absl::StrCat("the key ", Quoted(key), " is given twice; it stands in line ",
                               source_.Place(first->second).line, " already"));
    map.next = Next::kDropped;
  }
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (AtKey()) Stop(mark.pos, "a key is missing, or is null; put it in quotes if that is its name");
  Count(mark.pos, 1);
  // A value that is not there has the place of whatever comes next; its key says more.
  const bool of_key = !open_.empty() && open_.back().node->is_map();
  Finish(anchor, NullNode(of_key ? open_.back().key_offset : mark.pos));
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (AtKey()) Stop(mark.pos, "a key must be a text, not an alias");
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) Stop(mark.pos, "the alias stands within what it refers to");
  const NodePtr node = found->second;
  Count(mark.pos, node->size);
  if (static_cast<int>(open_.size()) + node->height > kMaxLevels) {
    Stop(mark.pos, "nested more than 50 levels deep");
  }
  Place(node);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  CheckTag(mark.pos, tag);
  NodePtr node = ScalarNode(mark.pos, value);
  Count(mark.pos, node->size);
  if (AtKey()) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = std::move(node);
    TakeKey(mark.pos, tag, value);
  } else {
    Finish(anchor, std::move(node));
  }
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  CheckTag(mark.pos, tag);
  Begin(mark.pos, anchor, Node::Kind::kList);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  CheckTag(mark.pos, tag);
  Begin(mark.pos, anchor, Node::Kind::kMap);
}

void YamlBuilder::OnSequenceEnd() { End(); }

void YamlBuilder::OnMapEnd() {
  ApplyMerged(open_.back());
  End();
}

void YamlBuilder::Begin(Offset offset, YAML::anchor_t anchor, Node::Kind kind) {
  if (AtKey()) Stop(offset, "a key must be a text, not a list or mapping");
  Count(offset, 1);
  if (static_cast<int>(open_.size()) >= kMaxLevels) Stop(offset, "nested more than 50 levels deep");
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->offset = offset;
  open_.push_back(Open{std::move(node), anchor});
}

void YamlBuilder::End() {
  const std::shared_ptr<Node> node = std::move(open_.back().node);
  const YAML::anchor_t anchor = open_.back().anchor;
  open_.pop_back();
  for (const NodePtr& item : node->items) {
    node->size += item->size;
    node->height = std::max(node->height, 1 + item->height);
  }
  for (const Entry& entry : node->entries) {
    node->size += 1 + entry.value->size;
    node->height = std::max(node->height, 1 + entry.value->height);
  }
  Finish(anchor, node);
}

void YamlBuilder::Finish(YAML::anchor_t anchor, NodePtr node) {
  if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
  Place(std::move(node));
}

void YamlBuilder::Place(NodePtr node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  if (parent.node->is_list()) {
    parent.node->items.push_back(std::move(node));
    return;
  }
  const Next purpose = std::exchange(parent.next, Next::kKey);
  if (purpose == Next::kMerge) TakeMerged(parent, std::move(node));
  if (purpose == Next::kValue) {
    parent.node->entries.push_back({parent.key, parent.key_offset, std::move(node)});
  }
}

void YamlBuilder::TakeMerged(Open& map, NodePtr node) {
  std::vector<NodePtr> sources = node->is_list() ? node->items : std::vector<NodePtr>{node};
  for (NodePtr& source : sources) {
    if (source->is_map()) {
      map.merged.push_back(std::move(source));
    } else {
      problems_.Add(map.key_offset, "`<<` takes a mapping or a list of mappings");
    }
  }
}

// Keys of the mapping itself win, then those of the sources in their order.
void YamlBuilder::ApplyMerged(Open& map) {
  for (const NodePtr& source : map.merged) {
    for (const Entry& entry : source->entries) {
      if (map.keys.emplace(entry.key, entry.offset).second) map.node->entries.push_back(entry);
    }
  }
}

}  // namespace davit::spec
