#include "common/spec/file_template.h"

#include <gmock/gmock.h>

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::optional<std::string> ValueOf(absl::string_view name) {
  if (name == "API") return "https://api";
  if (name == "TRICKY") return "{{API}} {{{{";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

std::string Rendered(absl::string_view text) {
  const absl::StatusOr<std::string> rendered = RenderTemplate(text, ValueOf);
  return rendered.ok() ? *rendered : std::string(rendered.status().message());
}

TEST(FileTemplate, HasTheValuesOfItsVariables) {
  EXPECT_EQ(Rendered("window.ENV = {API: \"{{API}}\"};"), "window.ENV = {API: \"https://api\"};");
  EXPECT_EQ(Rendered("{{ API }}{{\tEMPTY }}|"), "https://api|");
  EXPECT_EQ(Rendered(""), "");
}

TEST(FileTemplate, LeavesAllElseAsItIs) {
  const std::string text = std::string("a { b } }} {x} $API ${API} \\ \t\r\n ä") + '\0' + "{";
  EXPECT_EQ(Rendered(text), text);
}

TEST(FileTemplate, TakesFourBracesForTwo) {
  EXPECT_EQ(Rendered("{{{{API}}"), "{{API}}");
  EXPECT_EQ(Rendered("{{{{{{API}}"), "{{https://api");
  EXPECT_EQ(Rendered("{{{{{{{{"), "{{{{");
}

TEST(FileTemplate, DoesNotLookIntoValues) { EXPECT_EQ(Rendered("{{TRICKY}}"), "{{API}} {{{{"); }

TEST(FileTemplate, NamesWhatIsMissing) {
  const auto rendered = RenderTemplate("{{API}} {{NONE}}", ValueOf);
  EXPECT_EQ(rendered.status(), absl::NotFoundError("there is no variable `NONE`"));
}

TEST(FileTemplate, SaysInWhichLineSomethingIsWrong) {
  const std::string name =
      "between `{{` and `}}` stands the name of a variable; a plain `{{` is written `{{{{`";
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"a\nb {{API", "line 2: `{{` has no `}}`; a plain `{{` is written `{{{{`"},
           {"{{", "line 1: `{{` has no `}}`; a plain `{{` is written `{{{{`"},
           {"{{}}", "line 1: " + name},
           {"{{API}}\n\n{{1A}}", "line 3: " + name},
           {"{{A B}}", "line 1: " + name},
           {"{{{API}}}", "line 1: " + name},
           {"{{A-B}}", "line 1: " + name}}) {
    EXPECT_EQ(RenderTemplate(text, ValueOf).status(), absl::InvalidArgumentError(why)) << text;
    EXPECT_EQ(TemplateNames(text).status(), absl::InvalidArgumentError(why)) << text;
  }
}

TEST(FileTemplate, TellsItsVariablesOnceEach) {
  EXPECT_THAT(*TemplateNames("{{B}} {{A}} {{ B }} {{{{C}}"), ElementsAre("B", "A"));
  EXPECT_THAT(*TemplateNames("nothing"), IsEmpty());
}

TEST(RenderTemplate, EndsWhereItHasMoreThanItMay) {
  const auto value = [](absl::string_view) { return std::optional<std::string>("12345"); };
  EXPECT_EQ(RenderTemplate("{{A}}{{A}}", value, 10).value_or(""), "1234512345");
  EXPECT_TRUE(absl::IsResourceExhausted(RenderTemplate("{{A}}{{A}}", value, 9).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(RenderTemplate("{{A}}.", value, 5).status()));
}

}  // namespace
}  // namespace davit::spec
