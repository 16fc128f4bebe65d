#include "worker/docker/push_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "common/failure/failure.h"

namespace davit::docker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPushed[] = R"({"status":"The push refers to repository [boat:5000/web]"}
{"status":"Preparing","progressDetail":{},"id":"a"}
{"status":"Layer already exists","progressDetail":{},"id":"base"}
{"status":"Pushing","progressDetail":{"current":50,"total":100},"progress":"[=\u003e]","id":"a"}
{"status":"Pushing","progressDetail":{"current":120,"total":100},"id":"a"}
{"status":"Pushing","progressDetail":{"current":1,"total":10},"id":"b"}
{"status":"Pushed","progressDetail":{},"id":"a"}
{"status":"Pushed","progressDetail":{},"id":"b"}
{"status":"v1: digest: sha256:abc size: 528"}
{"progressDetail":{},"aux":{"Tag":"v1","Digest":"sha256:abc","Size":528}}
)";

absl::StatusOr<std::string> Read(const std::string& answer,
                                 std::vector<std::string>* heard = nullptr) {
  PushStream stream("boat:5000/web:v1");
  const auto progress = [heard](const PullProgress& p) {
    if (heard != nullptr) {
      heard->push_back(p.phase + " " + std::to_string(p.done_bytes) + "/" +
                       std::to_string(p.total_bytes));
    }
  };
  for (const char c : answer) stream.Feed(absl::string_view(&c, 1), progress);
  return stream.Finish();
}

TEST(PushStream, SumsUpTheLayersAndGivesTheDigest) {
  std::vector<std::string> heard;
  EXPECT_EQ(*Read(kPushed, &heard), "sha256:abc");
  EXPECT_THAT(heard, ElementsAre("push 50/100", "push 100/100", "push 101/110", "push 110/110"));
}

TEST(PushStream, KnowsWhyThePushFailed) {
  const struct {
    const char* words;
    v1::FailureCode code;
  } kCases[] = {
      {"denied: requested access to the resource is denied", v1::REGISTRY_DENIED},
      {"no basic auth credentials", v1::REGISTRY_DENIED},
      {"unauthorized: authentication required", v1::REGISTRY_DENIED},
      {"Get https://boat:5000/v2/: dial tcp 127.0.0.1:5000: connect: connection refused",
       v1::REGISTRY_UNREACHABLE},
      {"received unexpected HTTP status: 500 Internal Server Error", v1::PUSH_FAILED},
      {"blob upload unknown", v1::PUSH_FAILED},
      {"write /var/lib/registry: no space left on device", v1::PUSH_FAILED},
      {"name unknown: repository not found", v1::PUSH_FAILED},
  };
  for (const auto& [words, code] : kCases) {
    const auto digest = Read("{\"error\":\"" + std::string(words) + "\"}\n");
    EXPECT_TRUE(IsFailure(digest.status(), code)) << words << ": " << digest.status();
    EXPECT_THAT(FailureOf(digest.status()).message(), HasSubstr("boat:5000")) << words;
  }
}

TEST(PushStream, TakesNoEndForASuccessThatHasNoDigest) {
  EXPECT_TRUE(IsFailure(Read("").status(), v1::PUSH_FAILED));
}

}  // namespace
}  // namespace davit::docker
