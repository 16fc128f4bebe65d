#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "client/commands/testing/test_program.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit::commands {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kOneHost[] = R"(
project: shop
apps: {web: {image: shop/web}}
environments: {dev: {hosts: [dev-1]}}
)";
constexpr char kTwoHosts[] = R"(
project: shop
apps: {web: {image: shop/web}}
environments: {dev: {hosts: [dev-1, dev-2]}}
)";

class ScriptedLogs final : public v1::DeploymentService::Service {
 public:
  void Say(const std::string& host, const std::string& data) { Put(host, v1::STDOUT, data); }
  void SayOfHost(const std::string& host, const std::string& data) {
    Put(host, v1::LOG_STREAM_UNSPECIFIED, data);
  }
  void EndWith(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    status_ = std::move(status);
  }
  v1::TailLogsRequest asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  void Put(const std::string& host, v1::LogStream stream, const std::string& data) {
    v1::TailLogsResponse message;
    message.set_host(host);
    message.set_stream(stream);
    message.set_data(data);
    absl::MutexLock lock(&mutex_);
    messages_.push_back(message);
  }
  grpc::Status TailLogs(grpc::ServerContext*, const v1::TailLogsRequest* request,
                        grpc::ServerWriter<v1::TailLogsResponse>* stream) override {
    absl::MutexLock lock(&mutex_);
    asked_ = *request;
    for (const v1::TailLogsResponse& message : messages_) stream->Write(message);
    return ToGrpcStatus(status_);
  }

  absl::Mutex mutex_;
  std::vector<v1::TailLogsResponse> messages_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  v1::TailLogsRequest asked_ ABSL_GUARDED_BY(mutex_);
};

class LogsTest : public ProgramTest {
 protected:
  LogsTest() {
    auto server = Server::Start({.listen = {UnixAddress(directory_ + "/s")}, .services = {&logs_}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/s";
    Write(kOneHost);
  }

  ScriptedLogs logs_;
  std::unique_ptr<Server> server_;
};

TEST_F(LogsTest, GoToAFileAsTheyAre) {
  const std::string data = "one\n\x1b[31mtwo\x1b[0m \xFF\tthree\r\n\n";
  logs_.Say("dev-1", data);
  logs_.Say("dev-1", "four\n");
  EXPECT_EQ(Run({"logs", "web"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), data + "four\n");
}

TEST_F(LogsTest, OfSeveralHostsHaveTheHostBeforeEachLine) {
  Write(kTwoHosts);
  logs_.Say("dev-1", "one\n\ntwo\n");
  logs_.Say("dev-2", "\x1b[2Jthree\n");
  EXPECT_EQ(Run({"logs", "web"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "dev-1 | one\ndev-1 | \ndev-1 | two\ndev-2 | three\n");
}

TEST_F(LogsTest, AreAnObjectALineForPrograms) {
  logs_.Say("dev-1", "caf\xC3\xA9 \"x\"\n\nbad \xFF\n");
  logs_.EndWith(FailureStatus(v1::CONTAINER_GONE, "it was removed"));
  EXPECT_NE(Run({"logs", "web", "--json"}), 0);
  EXPECT_THAT(out_.str(), StartsWith(R"({"host":"dev-1","stream":"STDOUT","text":"café \"x\""})"
                                     "\n"
                                     R"({"host":"dev-1","stream":"STDOUT","text":""})"
                                     "\n"
                                     R"({"host":"dev-1","stream":"STDOUT","text":"bad )"
                                     "\xEF\xBF\xBD\"}\n"
                                     R"({"failure":{"code":"CONTAINER_GONE")"));
}

TEST_F(LogsTest, LoseNothingOfAFlood) {
  std::string expected;
  for (int frame = 0; frame < 200; ++frame) {
    const std::string data(64 << 10, static_cast<char>('a' + frame % 26));
    logs_.Say("dev-1", data);
    expected += data;
  }
  EXPECT_EQ(Run({"logs", "web"}), 0) << err_.str();
  EXPECT_TRUE(out_.str() == expected);
}

TEST_F(LogsTest, AreShownBeforeTheErrorThatEndsThem) {
  logs_.Say("dev-1", "one\n");
  logs_.EndWith(FailureStatus(v1::CONTAINER_GONE, "it was removed"));
  EXPECT_NE(Run({"logs", "web"}), 0);
  EXPECT_EQ(out_.str(), "one\n");
  EXPECT_THAT(err_.str(), HasSubstr("it was removed"));
}

TEST_F(LogsTest, HaveNoWordOfDavitAmongThem) {
  Write(kTwoHosts);
  for (const bool json : {false, true}) {
    logs_.SayOfHost("dev-2", "dev-2 is away\n");
    logs_.EndWith(FailureStatus(v1::HOST_UNREACHABLE, "dev-2 is away"));
    EXPECT_EQ(Run(json ? std::vector<std::string>{"logs", "web", "-f", "--json"}
                       : std::vector<std::string>{"logs", "web", "-f"}),
              6);
    EXPECT_THAT(out_.str(), json ? StartsWith(R"({"failure":)") : StartsWith(""));
    EXPECT_EQ(out_.str().empty(), !json);
    EXPECT_THAT(err_.str(), StartsWith("davit: dev-2 is away\n"));
  }
}

TEST_F(LogsTest, BeginWithAsManyLinesAsAreAskedFor) {
  EXPECT_EQ(Run({"logs", "web"}), 0) << err_.str();
  EXPECT_EQ(logs_.asked().tail(), 100);
  EXPECT_EQ(Run({"logs", "web", "--tail", "5000000"}), 0) << err_.str();
  EXPECT_EQ(logs_.asked().tail(), 5'000'000);
  EXPECT_EQ(Run({"logs", "web", "-f", "--tail", "all"}), 0) << err_.str();
  EXPECT_EQ(logs_.asked().tail(), std::numeric_limits<int32_t>::max());
  EXPECT_TRUE(logs_.asked().follow());
}

TEST_F(LogsTest, RefuseANumberOfLinesThatIsNone) {
  for (const char* tail : {"0", "-1", "some", "99999999999"}) {
    EXPECT_EQ(Run({"logs", "web", "--tail", tail}), 2) << tail;
    EXPECT_THAT(err_.str(), HasSubstr("a number of lines from 1 on, or all")) << tail;
  }
}

}  // namespace
}  // namespace davit::commands
