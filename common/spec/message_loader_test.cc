#include "common/spec/message_loader.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A message with required fields, ranges, lists and a message inside.
struct Loaded {
  v1::HttpProbe probe;
  MessageResult result;

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const Problem& problem : result.problems) {
      lines.push_back(
          absl::StrCat(problem.place, problem.line, ":", problem.column, " ", problem.message));
    }
    return lines;
  }
};

Loaded LoadProbe(absl::string_view text, MessageOptions options = {}) {
  Loaded loaded;
  options.variable = VariableForTest;
  loaded.result = LoadMessage(text, options, &loaded.probe);
  return loaded;
}

TEST(MessageLoader, FillsAnyMessageWithItsDefaults) {
  const Loaded loaded = LoadProbe("port: ${NUMBER}\nhost_header: ${SET}\n");
  EXPECT_THAT(loaded.Lines(), IsEmpty());
  EXPECT_EQ(loaded.probe.port(), 7);
  EXPECT_EQ(loaded.probe.host_header(), "value");
  EXPECT_EQ(loaded.probe.path(), "/");
}

TEST(MessageLoader, FindsWhatTheLoaderOfAProjectFinds) {
  EXPECT_THAT(LoadProbe("port: 0\nsceme: http\nscheme: ftp\n").Lines(),
              ElementsAre("1:7 `port` must be from 1 to 65535, not 0",
                          "2:1 unknown key `sceme`; did you mean `scheme`?",
                          "3:9 `scheme` must be `http` or `https`"));
  EXPECT_THAT(LoadProbe("- port: 1").Lines(),
              ElementsAre("0:0 `port` is required", "1:1 the file must be a mapping, not a list"));
}

TEST(MessageLoader, TakesATextWithoutAnyValueForNone) {
  for (const char* text : {"", "\n\n", "# a comment\n  # another\n"}) {
    EXPECT_THAT(LoadProbe(text, {.overrides = {{"port", {"80"}, "--port"}}}).Lines(), IsEmpty());
  }
}

TEST(MessageLoader, PutsOverridesOverTheTextAndTheirPlaceIntoProblems) {
  const Loaded good = LoadProbe("port: 1\n", {.overrides = {{"port", {"80"}, "--port"}}});
  EXPECT_EQ(good.probe.port(), 80);
  EXPECT_EQ(good.result.origins.at("port").place, "--port");
  const Override bad{"follow_redirects", {"x"}, "--follow"};
  EXPECT_THAT(LoadProbe("port: 1", {.overrides = {bad}}).Lines(),
              ElementsAre("--follow0:0 must be true or false, not `x`"));
  EXPECT_THAT(LoadProbe("path: x", {.overrides = {{"port", {"0"}, "PORT"}}}).Lines(),
              ElementsAre("1:7 `path` must be a path that begins with '/'",
                          "PORT0:0 `port` must be from 1 to 65535, not 0"));
}

TEST(MessageLoader, ReachesFieldsOfMessagesInside) {
  v1::Healthcheck check;
  const MessageResult result =
      LoadMessage("http: {path: /up}\nattempts: 3\n",
                  {.overrides = {{"http.port", {"80"}, "--http-port"}}}, &check);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(check.http().port(), 80);
  EXPECT_EQ(check.http().path(), "/up");
  EXPECT_EQ(result.origins.at("http.path").line, 1);
  EXPECT_EQ(result.origins.at("attempts").line, 2);
  EXPECT_EQ(result.origins.count("interval"), 0u);
}

TEST(MessageLoader, ReplacesLists) {
  v1::ExecProbe probe;
  const MessageResult result = LoadMessage(
      "command: [a, b]\n", {.overrides = {{"command", {"c", "${d}"}, "--command"}}}, &probe);
  EXPECT_TRUE(result.ok());
  EXPECT_THAT(probe.command(), ElementsAre("c", "${d}"));
}

TEST(MessageLoader, ChecksWhatIsSoundAlone) {
  int checked = 0;
  MessageOptions options;
  options.check = [&](const google::protobuf::Message&, const Report& report) {
    ++checked;
    report({"host_header", "no"});
  };
  EXPECT_THAT(LoadProbe("port: 1\nhost_header: x", options).Lines(), ElementsAre("2:14 no"));
  LoadProbe("port: 0", options);
  EXPECT_EQ(checked, 1);
}

}  // namespace
}  // namespace davit::spec
