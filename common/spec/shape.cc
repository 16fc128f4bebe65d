#include "common/spec/shape.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/other_words.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"
#include "common/spec/suggest.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr absl::string_view kNoLiteral =
    " must be {secret: NAME}: a password is never in the file but set with `davit secrets set "
    "NAME`";

class Shape {
 public:
  explicit Shape(ProblemList& problems) : problems_(problems) {}

  // `deletes`: a null is an answer here, it takes away what would be inherited.
  void Message(const Node& node, const Descriptor& message, bool deletes) {
    deletes =
        deletes || node.Find("extends") != nullptr || &message == v1::Environment::descriptor();
    for (const Entry& entry : node.entries) {
      if (IsUsersOwn(entry.key)) continue;
      const FieldDescriptor* field = message.FindFieldByName(entry.key);
      if (field == nullptr) {
        Unknown(entry, message);
      } else if (!entry.value->is_null()) {
        Field(*entry.value, *field, deletes);
      }
    }
  }

 private:
  void Field(const Node& node, const FieldDescriptor& field, bool deletes) {
    const std::string name = absl::StrCat("`", field.name(), "`");
    if (field.is_map()) {
      const bool may_be_list = RulesOf(field).list_of_keys();
      if (node.is_map()) return Map(node, field, deletes);
      if (node.is_list() && may_be_list) return Keys(node, name);
      Expect(may_be_list ? "a mapping or a list" : "a mapping", node, name);
    } else if (field.is_repeated()) {
      if (node.is_list()) return List(node, field, deletes);
      Expect("a list", node, name);
    } else {
      Value(node, field, name, deletes);
    }
  }

  void Map(const Node& node, const FieldDescriptor& field, bool deletes) {
    const FieldDescriptor& value = *field.message_type()->map_value();
    const bool may_be_null = deletes || field.containing_type() == v1::Project::descriptor();
    for (const Entry& entry : node.entries) {
      const std::string name = absl::StrCat(Quoted(entry.key), " in `", field.name(), "`");
      if (!entry.value->is_null()) {
        Value(*entry.value, value, name, deletes);
      } else if (!may_be_null) {
        problems_.Add(entry.offset,
                      absl::StrCat(name, " has no value; an empty text is written \"\""));
      }
    }
  }

  // A list that stands for a mapping.
  void Keys(const Node& node, const std::string& of) {
    absl::flat_hash_set<absl::string_view> seen;
    for (const NodePtr& item : node.items) {
      if (!item->is_scalar()) {
        Expect("a text", *item, absl::StrCat("an entry of ", of));
      } else if (!seen.insert(item->text).second) {
        problems_.Add(item->offset, absl::StrCat(Quoted(item->text), " is listed twice in ", of));
      }
    }
  }

  void List(const Node& node, const FieldDescriptor& field, bool deletes) {
    const std::string name = absl::StrCat("an entry of `", field.name(), "`");
    for (const NodePtr& item : node.items) Value(*item, field, name, deletes);
  }

  void Value(const Node& node, const FieldDescriptor& field, const std::string& name,
             bool deletes) {
    if (IsScalar(field)) {
      if (!node.is_scalar()) Expect(Expected(field), node, name);
    } else if (node.is_map()) {
      Message(node, *field.message_type(), deletes);
    } else if (node.is_scalar() && IsSecret(*field.message_type())) {
      NoLiteral(node, name);
    } else if (!node.is_scalar() || RulesOf(*field.message_type()).scalar_field().empty()) {
      Expect(Expected(field), node, name);
    }
  }

  static bool IsSecret(const Descriptor& message) {
    return &message == v1::SecretReference::descriptor();
  }

  void NoLiteral(const Node& node, absl::string_view name) {
    problems_.Hide(node.offset);
    problems_.Add(node.offset, absl::StrCat(name, kNoLiteral));
  }

  void Expect(absl::string_view expected, const Node& node, absl::string_view name) {
    problems_.Add(node.offset, absl::StrCat(name, " must be ", expected, ", not ", Describe(node)));
  }

  void Unknown(const Entry& entry, const Descriptor& message) {
    if (IsSecret(message) || &message == v1::Registry::descriptor() ||
        &message == v1::Database::descriptor()) {
      problems_.Hide(entry.value->offset);  // `token: …`
    }
    if (IsSecret(message)) {
      problems_.Add(entry.offset,
                    absl::StrCat("unknown key ", Quoted(entry.key), "; the password", kNoLiteral));
      return;
    }
    const auto& not_yet = RulesOf(message).not_yet();
    if (std::find(not_yet.begin(), not_yet.end(), entry.key) != not_yet.end()) {
      problems_.Add(entry.offset,
                    absl::StrCat("`", entry.key, "` is not supported yet by this version"));
    } else if (!problems_.full()) {
      problems_.Add(entry.offset, absl::StrCat("unknown key ", Quoted(entry.key),
                                               Suggestion(entry.key, message)));
    }
  }

  // A key of another tool often has its home one level further in.
  static std::string Suggestion(const std::string& key, const Descriptor& message) {
    const absl::string_view meant = KeyOfOtherTools(message, key);
    if (!meant.empty()) return absl::StrCat("; did you mean `", meant, "`?");
    std::vector<std::string> known(RulesOf(message).not_yet().begin(),
                                   RulesOf(message).not_yet().end());
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      known.push_back(field.name());
      if (IsScalar(field) || field.is_repeated()) continue;
      if (field.message_type()->FindFieldByName(key) != nullptr) {
        return absl::StrCat("; it belongs in `", field.name(), "`");
      }
    }
    std::string near = DidYouMean(key, known);
    for (const std::string& later : RulesOf(message).not_yet()) {
      if (near != DidYouMean(later, {later})) continue;
      return absl::StrCat(near, " It is not supported yet by this version");
    }
    if (!near.empty() || &message != v1::Env::descriptor()) return near;
    return "; variables belong in `clear`";
  }

  ProblemList& problems_;
};

}  // namespace

void CheckShape(const Node& node, const Descriptor& message, ProblemList& problems) {
  Shape(problems).Message(node, message, /*deletes=*/false);
}

}  // namespace davit::spec
