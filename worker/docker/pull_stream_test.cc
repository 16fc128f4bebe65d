#include "worker/docker/pull_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"

namespace davit::docker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PullStreamTest : public ::testing::Test {
 protected:
  void Feed(absl::string_view data) {
    stream_.Feed(data, [this](const PullProgress& progress) {
      seen_.push_back(
          absl::StrCat(progress.phase, " ", progress.done_bytes, "/", progress.total_bytes));
    });
  }

  PullStream stream_{{Operation::kRegistry, "127.0.0.1:5000/web:v1"}};
  std::vector<std::string> seen_;
};

TEST_F(PullStreamTest, SumsUpTheLayers) {
  Feed(R"({"status":"Pulling from web","id":"v1"}
{"status":"Already exists","progressDetail":{},"id":"base"}
{"status":"Pulling fs layer","progressDetail":{},"id":"a"}
{"status":"Pulling fs layer","progressDetail":{},"id":"b"}
{"status":"Waiting","progressDetail":{},"id":"b"}
{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"a"}
{"status":"Downloading","progressDetail":{"current":50,"total":200},"id":"b"}
{"status":"Verifying Checksum","progressDetail":{},"id":"a"}
{"status":"Download complete","progressDetail":{},"id":"a"}
{"status":"Download complete","progressDetail":{},"id":"b"}
{"status":"Extracting","progressDetail":{"current":40,"total":100},"id":"a"}
{"status":"Pull complete","progressDetail":{},"id":"a"}
{"status":"Extracting","progressDetail":{"current":200,"total":200},"id":"b"}
{"status":"Pull complete","progressDetail":{},"id":"b"}
{"status":"Digest: sha256:abc"}
{"status":"Status: Downloaded newer image for 127.0.0.1:5000/web:v1"}
)");
  EXPECT_TRUE(stream_.Finish().ok());
  EXPECT_THAT(seen_,
              ElementsAre("download 10/100", "download 60/300", "download 150/300", "extract 0/300",
                          "extract 40/300", "extract 100/300", "extract 300/300"));
}

TEST_F(PullStreamTest, ReadsLinesThatArriveInPieces) {
  Feed(R"({"status":"Downloading","progressDetail":{"curr)");
  Feed("ent\":10,\"total\":100},\"id\":\"a\"}\n{\"status\":\"Status: Image is up to");
  Feed(" date\"}");
  EXPECT_TRUE(stream_.Finish().ok());
  EXPECT_THAT(seen_, ElementsAre("download 10/100"));
}

TEST_F(PullStreamTest, FailsWithTheErrorInsideTheStream) {
  Feed(R"({"status":"Pulling from web","id":"v1"}
{"errorDetail":{"message":"write /big: no space left on device"},"error":"write /big: no space left on device"}
)");
  EXPECT_TRUE(IsFailure(stream_.Finish(), v1::DISK_FULL));
}

TEST_F(PullStreamTest, FailsWhenTheStreamBreaksOff) {
  Feed(R"({"status":"Pulling from web","id":"v1"}
{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"a"}
)");
  const absl::Status status = stream_.Finish();
  EXPECT_TRUE(IsFailure(status, v1::DOCKER_ERROR));
  EXPECT_THAT(status.message(), HasSubstr("broke off"));
}

TEST_F(PullStreamTest, FailsWhenTheStreamIsEmpty) {
  EXPECT_TRUE(IsFailure(stream_.Finish(), v1::DOCKER_ERROR));
}

// As Docker 20.10 says it; it tries five times.
TEST_F(PullStreamTest, CountsLayersThatTheRegistryBreaksOff) {
  Feed(R"({"status":"Downloading","progressDetail":{"current":36445,"total":1064482},"id":"a"}
{"status":"Retrying in 2 seconds","progressDetail":{},"id":"a"}
{"status":"Retrying in 1 second","progressDetail":{},"id":"a"}
{"status":"Downloading","progressDetail":{"current":36389,"total":964901},"id":"a"}
{"status":"Retrying in 10 seconds","progressDetail":{},"id":"a"}
{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}
)");
  const v1::Failure failure = FailureOf(stream_.Finish());
  EXPECT_EQ(failure.code(), v1::REGISTRY_UNREACHABLE);
  EXPECT_THAT(failure.message(), HasSubstr("127.0.0.1:5000 broke off in the middle"));
  EXPECT_THAT(failure.evidence(), ElementsAre("layers broken off: 2 times", HasSubstr("EOF")));
}

}  // namespace
}  // namespace davit::docker
