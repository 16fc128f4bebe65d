#include "common/env_file/env_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "common/failure/failure.h"

namespace davit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Written(absl::string_view format, const std::map<std::string, std::string>& env) {
  return WriteEnvFile(format, env).value_or("refused");
}

TEST(WriteEnvFile, WritesDotenvWithTheQuotesThatEachValueNeeds) {
  EXPECT_EQ(Written("dotenv", {{"PLAIN", "a-b.c:8080/@%+,="},
                               {"EMPTY", ""},
                               {"BLANKS", " two  words "},
                               {"DOLLAR", "$HOME # no"},
                               {"TICK", "it's"},
                               {"ESCAPES", R"(a\n"b")"},
                               {"QUOTED", R"("all of it")"},
                               {"FOLDER", R"(C:\dir\)"}}),
            "BLANKS=' two  words '\n"
            "DOLLAR='$HOME # no'\n"
            "EMPTY=\n"
            "ESCAPES=\"a\\\\n\\\"b\\\"\"\n"
            "FOLDER=C:\\dir\\\n"
            "PLAIN=a-b.c:8080/@%+,=\n"
            "QUOTED=\"\\\"all of it\\\"\"\n"
            "TICK=\"it's\"\n");
}

TEST(WriteEnvFile, WritesDockersFilesAsTheyAre) {
  EXPECT_EQ(Written("docker", {{"A", " 'x' \"y\" $Z #\\ "}, {"B", ""}}),
            "A= 'x' \"y\" $Z #\\ \nB=\n");
}

TEST(WriteEnvFile, WritesJson) {
  EXPECT_EQ(Written("json", {{"A", "line\nline\t\"q\" \\ ü"}}),
            "{\n  \"A\": \"line\\nline\\t\\\"q\\\" \\\\ ü\"\n}\n");
  EXPECT_EQ(Written("json", {}), "{}\n");
}

TEST(WriteEnvFile, RefusesTheWholeFileWhenOneValueCannotBeCarried) {
  EXPECT_TRUE(
      IsFailure(WriteEnvFile("docker", {{"A", "x"}, {"B", "1\n2"}}).status(), v1::FILE_FORMAT));
}

TEST(WriteEnvFile, RefusesAFormatThatThereIsNot) {
  EXPECT_TRUE(IsFailure(WriteEnvFile("yaml", {}).status(), v1::FILE_FORMAT));
  EXPECT_TRUE(IsFailure(CheckEnvValue("yaml", "A", "x"), v1::FILE_FORMAT));
}

using Refused = std::tuple<const char*, std::string, const char*>;
class CheckEnvValueRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(CheckEnvValueRefuses, WithTheReasonAndWithoutTheValue) {
  const auto& [format, value, reason] = GetParam();
  const absl::Status status = CheckEnvValue(format, "GREETING", value);
  EXPECT_TRUE(IsFailure(status, v1::FILE_FORMAT)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
  EXPECT_THAT(std::string(status.message()), HasSubstr("GREETING"));
  EXPECT_THAT(FailureOf(status).DebugString(), Not(HasSubstr("canary")));
}

INSTANTIATE_TEST_SUITE_P(
    Values, CheckEnvValueRefuses,
    ::testing::Values(
        Refused{"dotenv", "canary\nx", "line break; use json"},
        Refused{"dotenv", "canary\rx", "line break"},
        Refused{"dotenv", "canary\x1cx", "line break"},
        Refused{"dotenv", "canary\xc2\x85x", "line break"},
        Refused{"dotenv", "canary\xe2\x80\xa8x", "line break"},
        Refused{"dotenv", "canary${HOME}", "${…}"}, Refused{"dotenv", " canary\\", "backslash"},
        Refused{"dotenv", "'canary\\", "backslash"}, Refused{"dotenv", "canary # \\", "backslash"},
        Refused{"docker", "canary\nx", "line break; use json"},
        Refused{"docker", "canary\r", "carriage return"},
        Refused{"docker", "canary" + std::string(65536, 'x'), "64 KiB"},
        Refused{"docker", "canary\xff", "no UTF-8"}, Refused{"json", "canary\xff", "no UTF-8"},
        Refused{"json", std::string("canary\0", 7), "zero byte"}));

TEST(CheckEnvValue, RefusesWhatIsNoName) {
  for (const char* name : {"", "1A", "A B", "A=B", "A\nB", "ü"}) {
    EXPECT_TRUE(IsFailure(CheckEnvValue("json", name, "x"), v1::FILE_FORMAT)) << name;
  }
}

TEST(CheckEnvValue, TakesWhatTheFormatCarries) {
  EXPECT_TRUE(CheckEnvValue("json", "A", "a\nb\r").ok());
  EXPECT_TRUE(CheckEnvValue("docker", "A", "a\rb ${C}").ok());
  EXPECT_TRUE(CheckEnvValue("dotenv", "A", "$C ${ $$ \t ü").ok());
}

}  // namespace
}  // namespace davit
