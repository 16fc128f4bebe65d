#include "worker/docker/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "tests/support/temp_dir.h"
#include "worker/docker/engine.h"
#include "worker/docker/unreachable.h"

namespace davit::docker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Answers one request with the bytes given, whatever it was, and closes.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string answer) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const int connection = accept(listener_, nullptr, nullptr);
      char request[4096];
      EXPECT_GT(recv(connection, request, sizeof(request), 0), 0);
      send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(connection);
    });
  }
  ~OneAnswer() {
    thread_.join();
    close(listener_);
  }

 private:
  int listener_ = -1;
  std::thread thread_;
};

class HttpClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<HttpResponse> Stream(const std::string& answer) {
    const OneAnswer server(path_, answer);
    HttpClient client(path_);
    return client.Stream({"GET", "/info"}, Call{}.Within(absl::Seconds(20)),
                         [this](absl::string_view data) {
                           absl::StrAppend(&streamed_, data);
                           return streamed_.size() < enough_bytes_;
                         });
  }

  const test::TempDir directory_;
  const std::string path_ = directory_.File("docker.sock");
  std::string streamed_;
  size_t enough_bytes_ = 1000;
};

TEST_F(HttpClientTest, HandsOnWhatArrivedBeforeTheConnectionBroke) {
  const auto response = Stream("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_TRUE(IsFailure(response.status(), v1::DOCKER_UNREACHABLE)) << response.status();
  EXPECT_THAT(response.status().message(), HasSubstr("broke off"));
  EXPECT_EQ(streamed_, "half");
}

TEST_F(HttpClientTest, FailsWhenChunksEndWithoutTheLast) {
  const auto response =
      Stream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
  EXPECT_TRUE(IsFailure(response.status(), v1::DOCKER_UNREACHABLE)) << response.status();
}

TEST_F(HttpClientTest, FailsWhenThereIsNoAnswerAtAll) {
  EXPECT_TRUE(IsFailure(Stream("").status(), v1::DOCKER_UNREACHABLE));
}

TEST_F(HttpClientTest, KeepsAnErrorsBodyFromTheSink) {
  const auto response = Stream("HTTP/1.1 500 No\r\nContent-Length: 16\r\n\r\n{\"message\":\"no\"}");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->body, "{\"message\":\"no\"}");
  EXPECT_EQ(streamed_, "");
}

TEST_F(HttpClientTest, KeepsOnlyTheStartOfAnEndlessError) {
  const std::string body(1 << 20, 'x');
  const auto response =
      Stream(absl::StrCat("HTTP/1.1 500 No\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body.size(), 64u << 10);
}

TEST_F(HttpClientTest, CutsTheConnectionWhenTheSinkHasEnough) {
  enough_bytes_ = 1;
  const auto response = Stream("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(streamed_, "half");
}

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
  EXPECT_THAT(advice(EACCES), HasSubstr("usermod"));
  EXPECT_THAT(advice(ENOENT), AllOf(HasSubstr("`docker_socket`"), HasSubstr("DOCKER_HOST")));
  EXPECT_THAT(advice(ECONNREFUSED), HasSubstr("systemctl start"));
  EXPECT_THAT(advice(0), HasSubstr("journalctl"));
  EXPECT_THAT(advice(EMFILE), HasSubstr("docker version"));
}

TEST_F(HttpClientTest, IsNotAskedAgainForWhatTheEngineHasJustSaidOfItself) {
  Engine engine(path_);
  const Call call = Call{}.Within(absl::Seconds(20));
  EXPECT_FALSE(engine.RecentInfo(call).ok()) << "nobody has said anything";
  {
    const OneAnswer server(path_,
                           "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"ID\": \"ours\"}");
    ASSERT_TRUE(engine.Info(call).ok());
  }
  EXPECT_FALSE(engine.Info(call).ok()) << "nobody answers";
  const auto recent = engine.RecentInfo(call);
  ASSERT_TRUE(recent.ok()) << recent.status();
  EXPECT_EQ(recent->id, "ours");
}

}  // namespace
}  // namespace davit::docker
