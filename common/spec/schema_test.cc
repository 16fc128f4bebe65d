// Holds the rules of davit.yaml's protos to what the loader makes of them.
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>

#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/convert.h"
#include "common/spec/other_words.h"
#include "common/spec/rules.h"
#include "common/spec/scalar.h"
#include "common/spec/yaml_reader.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Every message of davit.yaml.
void Collect(const Descriptor& message, std::set<const Descriptor*>& all) {
  if (!all.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->is_map()) field = field->message_type()->map_value();
    if (!IsScalar(*field)) Collect(*field->message_type(), all);
  }
}

std::set<const Descriptor*> Schema() {
  std::set<const Descriptor*> all;
  Collect(*v1::Project::descriptor(), all);
  return all;
}

template <typename Check>
void ForEachField(Check check) {
  for (const Descriptor* message : Schema()) {
    for (int i = 0; i < message->field_count(); ++i) {
      SCOPED_TRACE(message->field(i)->full_name());
      check(*message->field(i));
    }
  }
}

TEST(Schema, HasTheMessagesOfTheFile) { EXPECT_GE(Schema().size(), 14u); }

// The field that a path like "env.clear" names; nullptr when there is none.
const FieldDescriptor* FieldOf(const Descriptor& message, absl::string_view path) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(path, absl::MaxSplits('.', 1));
  const FieldDescriptor* field = message.FindFieldByName(parts.first);
  if (field == nullptr || parts.second.empty()) return field;
  return FieldOf(*field->message_type(), parts.second);
}

TEST(Schema, HasTheKeysThatWordsOfOtherToolsStandFor) {
  for (const OtherWord& other : OtherWords()) {
    SCOPED_TRACE(other.word);
    const Descriptor* message = v1::Project::descriptor()->file()->pool()->FindMessageTypeByName(
        absl::StrCat("davit.v1.", other.message));
    ASSERT_NE(message, nullptr);
    EXPECT_NE(FieldOf(*message, other.key), nullptr);
    EXPECT_EQ(message->FindFieldByName(std::string(other.word)), nullptr) << "it is ours";
  }
}

TEST(Schema, HasDefaultsThatTheLoaderReads) {
  int defaults = 0;
  ForEachField([&](const FieldDescriptor& field) {
    if (RulesOf(field).default_yaml().empty()) return;
    ++defaults;
    const SourceText source(RulesOf(field).default_yaml());
    ProblemList problems;
    const NodePtr node = ReadYaml(source, problems);
    ASSERT_NE(node, nullptr);
    Variables variables(source, nullptr, problems);
    Places places;
    google::protobuf::DynamicMessageFactory factory;
    std::unique_ptr<google::protobuf::Message> message(
        factory.GetPrototype(field.containing_type())->New());
    const std::string& key = field.name();
    Converter(variables, places, problems)
        .FillField(*MapNode(0, {{key, 0, node}}), field, "", message.get());
    const Report report = [&](const Finding& finding) {
      if (finding.path == key) ADD_FAILURE() << finding.message;
    };
    CheckRules(*message, "", report);
    EXPECT_TRUE(problems.empty());
    EXPECT_TRUE(node->is_list() == field.is_repeated() && node->is_map() == !IsScalar(field));
  });
  EXPECT_GE(defaults, 15);
}

TEST(Schema, HasPatternsThatCompileAndSayWhatTheyWant) {
  ForEachField([](const FieldDescriptor& field) {
    const v1::FieldRules& rules = RulesOf(field);
    EXPECT_NO_THROW(std::regex(rules.pattern(), std::regex::ECMAScript));
    EXPECT_NO_THROW(std::regex(rules.key_pattern(), std::regex::ECMAScript));
    EXPECT_EQ(rules.pattern().empty(), rules.pattern_says().empty());
    EXPECT_EQ(rules.key_pattern().empty(), rules.key_pattern_says().empty());
  });
}

// The kinds of fields that the converter and CheckRules() know.
TEST(Schema, HasNoFieldThatTheLoaderCannotRead) {
  ForEachField([](const FieldDescriptor& field) {
    const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
    EXPECT_NE(value.cpp_type(), FieldDescriptor::CPPTYPE_ENUM);
    EXPECT_NE(value.cpp_type(), FieldDescriptor::CPPTYPE_FLOAT);
    EXPECT_NE(value.cpp_type(), FieldDescriptor::CPPTYPE_UINT32);
    EXPECT_NE(value.cpp_type(), FieldDescriptor::CPPTYPE_UINT64);
    if (field.is_map()) {
      EXPECT_EQ(field.message_type()->map_key()->cpp_type(), FieldDescriptor::CPPTYPE_STRING);
    } else if (field.is_repeated() && IsScalar(field)) {
      EXPECT_EQ(field.cpp_type(), FieldDescriptor::CPPTYPE_STRING);
    }
  });
}

TEST(Schema, NamesOnlyFieldsThatExist) {
  for (const Descriptor* message : Schema()) {
    SCOPED_TRACE(message->full_name());
    for (const std::string& name : RulesOf(*message).at_most_one_of()) {
      EXPECT_NE(message->FindFieldByName(name), nullptr) << name;
    }
    for (const std::string& name : RulesOf(*message).not_yet()) {
      EXPECT_EQ(message->FindFieldByName(name), nullptr) << name;
    }
    const std::string& scalar = RulesOf(*message).scalar_field();
    if (!scalar.empty()) {
      ASSERT_NE(message->FindFieldByName(scalar), nullptr) << scalar;
    }
  }
}

TEST(Duration, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(ParseDuration("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(ParseDuration("0"), absl::ZeroDuration());
  for (const char* bad : {"", "5", "5 s", "inf", "-inf", "s", "5d", "99999999999999999h"}) {
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << bad;
  }
}

TEST(Size, IsReadWithUnitsThatMeanOneThing) {
  EXPECT_EQ(ParseSize("1048576"), 1048576);
  EXPECT_EQ(ParseSize("512MiB"), 512 << 20);
  EXPECT_EQ(ParseSize("100kB"), 100000);
  EXPECT_EQ(ParseSize("1.5GiB"), int64_t{3} << 29);
  EXPECT_EQ(ParseSize("9223372036854775807"), std::numeric_limits<int64_t>::max());
  for (const char* bad : {"", "512m", "1GB ", "MiB", "1e3MiB", "0x10", "9999999TiB", "1 GiB"}) {
    EXPECT_EQ(ParseSize(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace davit::spec
