#include "worker/docker/http.h"

#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "worker/docker/unreachable.h"

namespace davit::docker {
namespace {

TEST(UrlEscape, LeavesNothingThatMeansSomethingInAUrl) {
  EXPECT_EQ(UrlEscape("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(UrlEscape("a b/c?d&e=f#g%h"), "a%20b%2Fc%3Fd%26e%3Df%23g%25h");
  EXPECT_EQ(UrlEscape("boat:5000/a/b@sha256:1", true), "boat%3A5000/a/b%40sha256%3A1");
  EXPECT_EQ(UrlEscape("é\n"), "%C3%A9%0A");
}

TEST(Unreachable, AdvisesForEachReason) {
  const auto advice = [](int os_error) {
    const absl::Status status = UnreachableStatus("/run/docker.sock", os_error, "word");
    EXPECT_TRUE(IsFailure(status, v1::DOCKER_UNREACHABLE));
    EXPECT_TRUE(FailureOf(status).retryable());
    return FailureOf(status).next_command();
  };
  EXPECT_NE(advice(EACCES).find("usermod"), std::string::npos);
  EXPECT_NE(advice(ENOENT).find("DOCKER_HOST"), std::string::npos);
  EXPECT_NE(advice(ECONNREFUSED).find("systemctl start"), std::string::npos);
  EXPECT_NE(advice(0).find("journalctl"), std::string::npos);
  EXPECT_NE(advice(EMFILE).find("docker version"), std::string::npos);
}

}  // namespace
}  // namespace davit::docker
