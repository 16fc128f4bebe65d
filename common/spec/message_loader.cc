#include "common/spec/message_loader.h"

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/spec/convert.h"
#include "common/spec/merge.h"
#include "common/spec/normal_tree.h"
#include "common/spec/places.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"
#include "common/spec/shape.h"
#include "common/spec/yaml_reader.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* FieldAt(const Descriptor& message, absl::string_view path) {
  const Descriptor* within = &message;
  const FieldDescriptor* field = nullptr;
  for (absl::string_view key : absl::StrSplit(path, '.')) {
    if (within == nullptr) return nullptr;
    field = within->FindFieldByName(std::string(key));
    if (field == nullptr) return nullptr;
    within = IsScalar(*field) ? nullptr : field->message_type();
  }
  return field;
}

// A file of comments alone is as good as none.
bool SaysNothing(const SourceText& source) {
  for (absl::string_view line : absl::StrSplit(source.text(), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && line[0] != '#') return false;
  }
  return true;
}

NodePtr TextNode(const std::string& text) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kScalar;
  node->offset = kWholeFile;
  // An override is no place for variables: what looks like one is its text.
  node->text = absl::StrReplaceAll(text, {{"$", "$$"}});
  return node;
}

NodePtr ValueNode(const Override& value, const FieldDescriptor& field) {
  if (!field.is_repeated()) return TextNode(value.values.front());
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kList;
  node->offset = kWholeFile;
  for (const std::string& text : value.values) node->items.push_back(TextNode(text));
  node->size += static_cast<int>(node->items.size());
  node->height = 2;
  return node;
}

// The mapping that has nothing but `value` at the path.
NodePtr TreeOf(absl::string_view path, NodePtr value) {
  const std::vector<std::string> keys = absl::StrSplit(path, '.');
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    value = MapNode(kWholeFile, {{*key, kWholeFile, value}});
  }
  return value;
}

class MessageLoader {
 public:
  MessageLoader(absl::string_view text, const MessageOptions& options, Message* out)
      : source_(text), options_(options), out_(*out) {}

  MessageResult Load() {
    NodePtr root = SaysNothing(source_) ? nullptr : ReadTree(source_, problems_);
    if (root == nullptr) {
      root = MapNode(kWholeFile, {});
    } else if (!root->is_map()) {
      problems_.Add(root->offset,
                    absl::StrCat("the file must be a mapping, not ", Describe(*root)));
      root = MapNode(kWholeFile, {});
    }
    CheckShape(*root, *out_.GetDescriptor(), problems_);
    root = NormalTree(root, *out_.GetDescriptor());
    for (const Override& value : options_.overrides) root = Put(std::move(root), value);
    Convert(*root);
    MessageResult result;
    TakeOrigins(*out_.GetDescriptor(), "", *root, result);
    result.problems = problems_.ByPlace(source_);
    for (Problem& problem : of_overrides_) result.problems.push_back(std::move(problem));
    return result;
  }

 private:
  NodePtr Put(NodePtr root, const Override& value) {
    const FieldDescriptor* field = FieldAt(*out_.GetDescriptor(), value.path);
    if (field == nullptr || value.values.empty() || !IsReadable(value, *field)) return root;
    overrides_[value.path] = &value;
    return Merge(root, TreeOf(value.path, ValueNode(value, *field)));
  }

  bool IsReadable(const Override& value, const FieldDescriptor& field) {
    const std::unique_ptr<Message> scratch(google::protobuf::MessageFactory::generated_factory()
                                               ->GetPrototype(field.containing_type())
                                               ->New());
    for (const std::string& text : value.values) {
      if (SetScalar(text, field, scratch.get())) continue;
      of_overrides_.push_back(
          {0, 0, absl::StrCat("must be ", Expected(field), ", not ", Quoted(text)), value.place});
      return false;
    }
    return true;
  }

  void Convert(const Node& root) {
    places_.Set("", root.offset, root.offset);
    Variables variables(source_, options_.variable, problems_);
    Converter(variables, places_, problems_).Fill(root, "", &out_);
    const Report report = [this](const Finding& finding) { Take(finding); };
    CheckRules(out_, "", report);
    if (options_.check && problems_.empty() && of_overrides_.empty()) options_.check(out_, report);
  }

  // What is wrong with an override is not to be looked for in the text.
  void Take(const Finding& finding) {
    for (absl::string_view at = finding.path; !at.empty(); at = ParentPath(at)) {
      const auto found = overrides_.find(at);
      if (found == overrides_.end()) continue;
      of_overrides_.push_back({0, 0, finding.message, found->second->place});
      return;
    }
    places_.Add(finding, problems_);
  }

  void TakeOrigins(const Descriptor& message, const std::string& parent, const Node& node,
                   MessageResult& result) const {
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const Entry* entry = node.Find(field.name());
      if (entry == nullptr || entry->value->is_null()) continue;
      const std::string path = PathOf(parent, field.name());
      if (!IsScalar(field) && !field.is_repeated()) {
        TakeOrigins(*field.message_type(), path, *entry->value, result);
      } else if (const auto found = overrides_.find(path); found != overrides_.end()) {
        result.origins[path] = {0, found->second->place};
      } else {
        result.origins[path] = {source_.Place(entry->offset).line, ""};
      }
    }
  }

  const SourceText source_;
  const MessageOptions& options_;
  Message& out_;
  ProblemList problems_;
  std::vector<Problem> of_overrides_;
  Places places_;
  absl::btree_map<std::string, const Override*> overrides_;  // by path
};

}  // namespace

MessageResult LoadMessage(absl::string_view text, const MessageOptions& options, Message* out) {
  return MessageLoader(text, options, out).Load();
}

}  // namespace davit::spec
