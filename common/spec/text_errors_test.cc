// What can be wrong with a davit.yaml as a text and as YAML.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct TextCase {
  const char* name;
  std::string text;
  std::string problem;  // the only one
};

std::string Repeat(absl::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) absl::StrAppend(&result, text);
  return result;
}

// Nine lists, each ten times the one before it.
std::string AliasBomb() {
  std::string text = "x-0: &a0 [x]\n";
  for (int i = 1; i < 9; ++i) {
    absl::StrAppend(&text, "x-", i, ": &a", i, " [", Repeat(absl::StrCat("*a", i - 1, ", "), 10),
                    "]\n");
  }
  return text;
}

class TextErrors : public ::testing::TestWithParam<TextCase> {};

TEST_P(TextErrors, AreNamedWithTheirPlace) {
  EXPECT_THAT(ProblemsOf(GetParam().text), ElementsAre(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    OfTheText, TextErrors,
    ::testing::Values(
        TextCase{"Empty", "", "0:0 the file is empty"},
        TextCase{"OnlyComments", "# nothing\n\n", "0:0 the file is empty"},
        TextCase{"OnlyNull", "---\n~\n", "0:0 the file is empty"},
        TextCase{"Huge", std::string((1 << 20) + 1, '#'), "0:0 the file is larger than 1 MiB"},
        TextCase{"Nul", std::string("a: b\nc: \0d", 10), "2:4 binary data: control character 0x00"},
        TextCase{"Control", "a: \x1b[31m", "1:4 binary data: control character 0x1B"},
        TextCase{"EndOfTransmission", "a: \x04", "1:4 binary data: control character 0x04"},
        TextCase{"Latin1", "a: caf\xe9\n", "1:7 binary data: this byte is not UTF-8"},
        TextCase{"OverlongUtf8", "a: \xc0\xaf\n", "1:4 binary data: this byte is not UTF-8"},
        TextCase{"Surrogate", "a: \xed\xa0\x80\n", "1:4 binary data: this byte is not UTF-8"},
        TextCase{"Utf16",
                 std::string("\xff\xfe"
                             "a\0",
                             4),
                 "1:1 the file is UTF-16; save it as UTF-8"},
        TextCase{
            "List", "- a\n",
            "1:1 the file must be a mapping with `project`, `apps` and `environments`, not a list"},
        TextCase{
            "Scalar", "hello",
            "1:1 the file must be a mapping with `project`, `apps` and `environments`, not the "
            "text `hello`"}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    OfYaml, TextErrors,
    ::testing::Values(
        TextCase{"AnchorCycle", "a: &a [*a]\n", "1:8 the alias stands within what it refers to"},
        TextCase{"AnchorCycleInAMap", "a: &a {b: {c: *a}}\n",
                 "1:15 the alias stands within what it refers to"},
        TextCase{"AliasBomb", AliasBomb(),
                 "6:26 more than 100,000 values, those of aliases included"},
        TextCase{
            "BombOfOneLongText",
            absl::StrCat("a: &a ", std::string(100000, 'x'), "\nb: [", Repeat("*a,", 300), "]\n"),
            "2:767 more than 100,000 values, those of aliases included"},
        TextCase{"TooManyValues", absl::StrCat("x-a: [", Repeat("1,", 100000), "]"),
                 "1:200001 more than 100,000 values, those of aliases included"},
        TextCase{"TooDeep", absl::StrCat("a: ", Repeat("[", 60), Repeat("]", 60)),
                 "1:53 nested more than 50 levels deep"},
        TextCase{"TooDeepThroughAliases",
                 absl::StrCat("x-a: &a ", Repeat("[", 30), Repeat("]", 30),
                              "\nx-b: ", Repeat("[", 30), "*a", Repeat("]", 30)),
                 "2:36 nested more than 50 levels deep"},
        TextCase{"UnknownAlias", "a: *nowhere\n", "1:4 the alias refers to no anchor above it"},
        TextCase{"SecondDocument", "a: 1\n---\nb: 1\n",
                 "2:1 a second document begins here; the file is one document"},
        TextCase{"TextAfterTheEnd", "{a: 1}\nb: 1\n",
                 "2:1 the document has ended before this; is the indentation right?"},
        TextCase{"TabIndentation", "apps:\n\tweb:\n\t\timage: x\n",
                 "2:1 a tab in the indentation; YAML wants spaces"},
        TextCase{"TabInAList", "apps:\n  web:\n\t- x\n",
                 "3:1 a tab in the indentation; YAML wants spaces"},
        TextCase{"ListAsKey", "[a, b]: c\n", "1:1 a key must be a text, not a list or mapping"},
        TextCase{"MapAsKey", "? {a: b}\n: c\n", "1:3 a key must be a text, not a list or mapping"},
        TextCase{"NullAsKey", "~: c\n",
                 "1:1 a key is missing, or is null; put it in quotes if that is its name"},
        TextCase{"AliasAsKey", "x-a: &a b\n*a : c\n", "2:1 a key must be a text, not an alias"},
        TextCase{"MissingBrace", "a: {b: c\nd: e\n", "2:2 a ',' or '}' is missing before this"},
        TextCase{"MissingBracket", "a: [b, c\nd: e\n", "2:2 a ',' or ']' is missing before this"},
        TextCase{"OpenQuote", "a: \"b\n", "1:6 a quoted text has no end before this"},
        TextCase{
            "ColonInText", "a: b: c\n",
            "1:5 a `key: value` cannot stand here; is the indentation right, or does a text with "
            "': ' lack quotes?"},
        TextCase{"BadIndentation", "a:\n  b: 1\n c: 2\n",
                 "3:2 this does not fit the mapping around it; is the indentation right, or a ':' "
                 "missing?"},
        TextCase{"BareVariableInFlow", "a: {b: ${SET}}\n",
                 "1:9 a ',' or '}' is missing before this; within {} and [] a ${VARIABLE} needs "
                 "quotes around it"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Yaml, ReportsEachDuplicateKeyAndKeepsTheFirst) {
  EXPECT_THAT(ProblemsOf("project: shop\nproject: mop\napps:\n  web: {image: a, image: b}\n"
                         "environments: {dev: {}}\n"),
              ElementsAre("2:1 the key `project` is given twice; it stands in line 1 already",
                          "4:19 the key `image` is given twice; it stands in line 4 already"));
}

TEST(Yaml, RefusesTagsOfItsOwn) {
  EXPECT_THAT(ProblemsOf(WithApp("    image: !!binary nginx\n")),
              ElementsAre("5:12 unknown tag `tag:yaml.org,2002:binary`"));
  EXPECT_THAT(ProblemsOf(WithApp("    image: !!str nginx\n    retain: !!int 3\n")), IsEmpty());
}

TEST(Yaml, ReadsAByteOrderMarkWindowsLinesAndTabsInTexts) {
  EXPECT_THAT(
      ProblemsOf(absl::StrCat(
          "\xEF\xBB\xBF", absl::StrReplaceAll(WithApp("    image: nginx\n    env:\n      clear:\n"
                                                      "        A: |\n          a\n          \tb\n"),
                                              {{"\n", "\r\n"}}))),
      IsEmpty());
}

TEST(MergeKey, TakesKeysThatAreNotGiven) {
  const LoadResult result = Load(R"(
project: shop
x-a: &a {A: from-a, B: from-a, C: from-a}
x-b: &b {B: from-b, D: from-b}
apps:
  web:
    image: nginx
    env:
      clear: {A: own, <<: [*b, *a]}
environments: {dev: {}}
)");
  ASSERT_TRUE(result.ok());
  const auto& clear = result.specs[0].apps().at("web").env().clear();
  EXPECT_EQ(clear.at("A"), "own");
  EXPECT_EQ(clear.at("B"), "from-b");
  EXPECT_EQ(clear.at("C"), "from-a");
  EXPECT_EQ(clear.at("D"), "from-b");
  EXPECT_EQ(clear.size(), 4);
}

TEST(MergeKey, WantsMappings) {
  EXPECT_THAT(ProblemsOf(WithApp("    image: nginx\n    <<: text\n")),
              ElementsAre("6:5 `<<` takes a mapping or a list of mappings"));
}

TEST(MergeKey, IsAnOrdinaryKeyInQuotes) {
  EXPECT_THAT(ProblemsOf(WithApp("    image: nginx\n    '<<': text\n")),
              ElementsAre("6:5 unknown key `<<`"));
}

}  // namespace
}  // namespace davit::spec
