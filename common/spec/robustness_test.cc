// Whatever the text, the loader must return, and a spec that it has nothing against must be good.
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

constexpr char kSeedText[] = R"(project: shop
x-env: &env {A: "1", B: '${SET}', C: '${UNSET:-c}'}
apps:
  web:
    image: ghcr.io/acme/shop:1
    container: {ports: ["8000:80"], ulimits: {nofile: 1}, mem_limit: 1GiB, labels: {a.b: c}}
    env:
      clear:
        <<: *env
        TEXT: |
          line
    healthcheck: {http: {port: 80}, interval: 5s}
  worker: {extends: web, depends_on: [web], container: {volumes: [{source: a1, target: /a}]}}
environments:
  dev: {hosts: [a, b], apps: {worker: null}}
  prod:
)";

// Pieces that mean something to YAML or to the schema.
constexpr const char* kPieces[] = {"\n",
                                   "\n  ",
                                   ": ",
                                   "- ",
                                   "[",
                                   "]",
                                   "{",
                                   "}",
                                   "&a ",
                                   "*a",
                                   "<<: ",
                                   "${",
                                   "}",
                                   "$$",
                                   "'",
                                   "\"",
                                   "|\n",
                                   ">\n",
                                   "? ",
                                   "#",
                                   "---",
                                   "...\n",
                                   "\t",
                                   "!!x ",
                                   "%",
                                   "null",
                                   "~",
                                   ",",
                                   "\\",
                                   "\r",
                                   "x-",
                                   "@",
                                   "`",
                                   "-1",
                                   "99999999",
                                   "1s",
                                   "{}",
                                   "[]",
                                   "web",
                                   "\0",
                                   "\xff",
                                   "\xc3",
                                   "é",
                                   "\x04",
                                   "*env",
                                   "&env ",
                                   "extends: web",
                                   "apps:\n",
                                   "dev: "};

void Check(const std::string& text) {
  const LoadResult result = Load(text);
  EXPECT_FALSE(FormatProblems("davit.yaml", text, result.problems).empty() && !result.ok());
  if (!result.ok()) return;
  for (const v1::EnvironmentSpec& spec : result.specs) {
    EXPECT_EQ(ValidateEnvironment(spec), std::vector<std::string>()) << text;
  }
}

std::string Mutate(std::string text, std::minstd_rand& random) {
  const auto below = [&](size_t n) { return n == 0 ? 0 : random() % n; };
  for (size_t changes = 1 + below(4); changes > 0; --changes) {
    const size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(40)));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

TEST(Loader, ReturnsForEveryMutatedFile) {
  ASSERT_TRUE(Load(kSeedText).ok());
  std::minstd_rand random(20240229);
  for (int i = 0; i < 3000; ++i) Check(Mutate(kSeedText, random));
}

TEST(Loader, ReturnsForEveryPrefix) {
  const std::string text = kSeedText;
  for (size_t i = 0; i < text.size(); ++i) Check(text.substr(0, i));
}

TEST(Loader, ReturnsForEveryHeapOfPieces) {
  std::minstd_rand random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (size_t n = random() % 30; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    Check(text);
  }
}

TEST(Loader, StopsWhereExtendsMultipliesTheFile) {
  std::string text =
      "project: shop\nenvironments: {a: {}, b: {}}\napps:\n  base:\n    image: a\n"
      "    env:\n      clear:\n";
  for (int i = 0; i < 10000; ++i) absl::StrAppend(&text, "        A", i, ": b\n");
  for (int i = 0; i < 10000; ++i) absl::StrAppend(&text, "  a", i, ": {extends: base}\n");
  const LoadResult result = Load(text);
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].message,
            "`extends` and environments make too much of this file: more than 500,000 values");
}

TEST(Loader, FollowsALongChainOfExtends) {
  std::string text = "project: shop\nenvironments: {a: {}}\napps:\n  a0: {image: a}\n";
  for (int i = 1; i < 5000; ++i) absl::StrAppend(&text, "  a", i, ": {extends: a", i - 1, "}\n");
  const LoadResult result = Load(text);
  EXPECT_TRUE(result.ok());
}

}  // namespace
}  // namespace davit::spec
