#include "worker/docker/build_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::docker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Feeds an engine's answer in pieces of `size` bytes.
class BuildStreamTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Read(const std::string& answer, size_t size = 7) {
    BuildStream stream;
    const auto collect = [this](absl::string_view text) { output_ += std::string(text); };
    for (size_t i = 0; i < answer.size(); i += size) stream.Feed(answer.substr(i, size), collect);
    return stream.Finish(collect);
  }

  std::string output_;
};

constexpr char kBuilt[] = R"({"stream":"Step 1/2 : FROM scratch"}
{"stream":"\n"}
{"stream":" ---\u003e "}
{"stream":"Using cache\n"}
{"aux":{"ID":"sha256:stage"}}
{"aux":{"ID":"sha256:whole"}}
{"stream":"Successfully built abc\n"}
)";

TEST_F(BuildStreamTest, GivesTheLastImageAndWholeLines) {
  EXPECT_EQ(*Read(kBuilt), "sha256:whole");
  EXPECT_EQ(output_, "Step 1/2 : FROM scratch\n ---> Using cache\nSuccessfully built abc\n");
}

TEST_F(BuildStreamTest, NamesTheStepThatFailedAndItsLastLines) {
  const auto id = Read(R"({"stream":"Step 1/3 : FROM base\n"}
{"stream":"of the first\n"}
{"stream":"Step 2/3 : RUN make all\n"}
{"stream":"cc main.c\n"}
{"stream":"main.c: oh"}
{"errorDetail":{"code":2,"message":"m"},"error":"The command '/bin/sh -c make all' returned a non-zero code: 2"}
)");
  const v1::Failure failure = FailureOf(id.status());
  EXPECT_EQ(failure.code(), v1::BUILD_FAILED);
  EXPECT_EQ(failure.message(), "the build failed in the Dockerfile's step 2/3, RUN make all");
  EXPECT_THAT(failure.evidence(), ElementsAre(HasSubstr("returned a non-zero code: 2")));
  EXPECT_THAT(failure.log_tail(), ElementsAre("cc main.c", "main.c: oh"));
}

TEST_F(BuildStreamTest, HandsALineWithoutEndOnAsItComes) {
  BuildStream stream;
  const auto collect = [this](absl::string_view text) { output_ += std::string(text); };
  const std::string piece = absl::StrCat(R"({"stream":")", std::string(10'000, 'x'), "\"}\n");
  for (size_t given = 0; given < 1'000'000; given += 10'000) {
    ASSERT_LE(given, output_.size() + (80 << 10));
    stream.Feed(piece, collect);
  }
  stream.Feed("{\"stream\":\"end\\nStep 1/1 : RUN x\\nnext\"}\n{\"error\":\"oh\"}\n", collect);
  const v1::Failure failure = FailureOf(stream.Finish(collect).status());
  EXPECT_EQ(output_, absl::StrCat(std::string(1'000'000, 'x'), "end\nStep 1/1 : RUN x\nnext\n"));
  EXPECT_THAT(failure.log_tail(), ElementsAre("next"));
}

TEST_F(BuildStreamTest, KeepsTheRegistrysWordsForABaseImage) {
  const auto id =
      Read(R"({"stream":"Step 1/2 : FROM --platform=linux/amd64 boat:5000/base:1 AS b\n"}
{"error":"Get \"https://boat:5000/v2/\": dial tcp: connection refused"}
)");
  EXPECT_TRUE(IsFailure(id.status(), v1::REGISTRY_UNREACHABLE)) << id.status();
  EXPECT_THAT(FailureOf(id.status()).evidence(), ::testing::Contains(HasSubstr("step 1/2, FROM")));
}

TEST_F(BuildStreamTest, TellsOfBaseImagesButNotOfEachLayer) {
  EXPECT_TRUE(Read(std::string(R"({"status":"Pulling from library/base","id":"1"}
{"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"aa"}
{"status":"Digest: sha256:x"}
)") + kBuilt)
                  .ok());
  EXPECT_THAT(output_, HasSubstr("Pulling from library/base\nDigest: sha256:x\nStep 1/2"));
}

TEST_F(BuildStreamTest, TakesNoEndForASuccessThatHasNoImage) {
  const auto id = Read("{\"stream\":\"Step 1/2 : FROM scratch\\n\"}\n");
  EXPECT_TRUE(IsFailure(id.status(), v1::BUILD_FAILED)) << id.status();
  EXPECT_TRUE(IsFailure(Read("").status(), v1::BUILD_FAILED));
}

}  // namespace
}  // namespace davit::docker
