#include "common/rpc/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/rpc/channel.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit {
namespace {

using ::testing::HasSubstr;

class Echo final : public v1::DeploymentService::Service {
  grpc::Status PlanDeployment(grpc::ServerContext*, const v1::PlanDeploymentRequest* request,
                              v1::PlanDeploymentResponse* response) override {
    response->mutable_deployment()->set_project(request->deployment().spec().project());
    response->mutable_deployment()->set_submitted_by(request->deployment().submitted_by());
    return grpc::Status::OK;
  }
};

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path() const { return directory_ + "/sock"; }
  ServerOptions Options() { return OptionsAt(Path()); }
  ServerOptions OptionsAt(const std::string& path) {
    return {.listen = {UnixAddress(path)}, .services = {&echo_}};
  }

  grpc::Status Ask(const std::string& path, int64_t bytes = 1) {
    const auto stub = v1::DeploymentService::NewStub(MakeChannel(UnixAddress(path)));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    v1::PlanDeploymentRequest request;
    request.mutable_deployment()->set_submitted_by(std::string(bytes, 'x'));
    v1::PlanDeploymentResponse response;
    const grpc::Status status = stub->PlanDeployment(&context, request, &response);
    if (status.ok()) {
      EXPECT_EQ(response.deployment().submitted_by().size(), static_cast<size_t>(bytes));
    }
    return status;
  }

  // The first answer to `request` of a method that no header is there for.
  std::string AskBytes(const std::string& method, const std::string& request) {
    grpc::GenericStub stub(MakeChannel(UnixAddress(Path())));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    grpc::CompletionQueue queue;
    const grpc::Slice slice(request);
    const grpc::ByteBuffer sent(&slice, 1);
    grpc::ByteBuffer received;
    const auto call = stub.PrepareCall(&context, method, &queue);
    call->StartCall(nullptr);
    bool ok = Next(queue);
    if (ok) call->Write(sent, nullptr);
    ok = ok && Next(queue);
    if (ok) call->Read(&received, nullptr);
    ok = ok && Next(queue);
    context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    Next(queue);
    grpc::Slice answer;
    if (ok) {
      EXPECT_TRUE(received.DumpToSingleSlice(&answer).ok());
    }
    return std::string(answer.begin(), answer.end());
  }

  static bool Next(grpc::CompletionQueue& queue) {
    void* tag;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }

  // A socket at `path` that listens, or once did; the descriptor.
  int Bind(const std::string& path, bool listening) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    if (listening) {
      EXPECT_EQ(listen(fd, 1), 0);
    }
    return fd;
  }

  Echo echo_;
  std::string directory_ = ::testing::TempDir() + "davit-rpc-XXXXXX";
};

TEST_F(ServerTest, AnswersAtItsPathForItsUserOnly) {
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(Ask(Path()).ok());
  struct stat found;
  ASSERT_EQ(lstat(Path().c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 07777, 0600u);
}

TEST_F(ServerTest, GivesTheSocketTheModeAndGroupThatAreAskedFor) {
  ServerOptions options = Options();
  options.mode = 0660;
  options.gid = getgid();
  const auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  struct stat found;
  ASSERT_EQ(lstat(Path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0660u);
  EXPECT_EQ(found.st_gid, getgid());
}

TEST_F(ServerTest, LeavesOnlyTheLockFileBehind) {
  { ASSERT_TRUE(Server::Start(Options()).ok()); }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("sock.lock"));
}

TEST_F(ServerTest, ReplacesASocketThatNobodyAnswersAt) {
  close(Bind(Path(), true));
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(Ask(Path()).ok());
}

TEST_F(ServerTest, LeavesASocketAloneThatSomebodyListensAt) {
  const int fd = Bind(Path(), true);
  EXPECT_EQ(Server::Start(Options()).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(std::filesystem::exists(Path()));
  close(fd);
}

TEST_F(ServerTest, RefusesToStartWhereAnotherServes) {
  const auto first = Server::Start(Options());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Server::Start(Options()).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(Ask(Path()).ok());
}

TEST_F(ServerTest, LeavesAFileAloneThatIsNoSocket) {
  std::ofstream(Path()) << "precious";
  EXPECT_EQ(Server::Start(Options()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::filesystem::file_size(Path()), 8u);
}

TEST_F(ServerTest, SaysThatAPathIsTooLong) {
  const std::string path = directory_ + "/" + std::string(108, 'p');
  const ServerOptions options = OptionsAt(path);
  const absl::Status status = Server::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("107"));
}

TEST_F(ServerTest, SaysThatTheDirectoryIsMissing) {
  const std::string path = directory_ + "/none/sock";
  const ServerOptions options = OptionsAt(path);
  EXPECT_EQ(Server::Start(options).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ServerTest, CanServeAgainAfterAShutdown) {
  {
    const auto server = Server::Start(Options());
    ASSERT_TRUE(server.ok());
    (*server)->Shutdown(absl::Now());
    (*server)->Shutdown(absl::Now());
    EXPECT_EQ(Ask(Path()).error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(Ask(Path()).ok());
}

TEST_F(ServerTest, TakesALargeSpecAndRefusesAHugeOne) {
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok());
  EXPECT_TRUE(Ask(Path(), 33 << 20).ok());
  EXPECT_EQ(Ask(Path(), 65 << 20).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServerTest, AnswersAtAPathWithOddCharacters) {
  const std::string path = directory_ + "/a b%20#?ü.sock";
  const ServerOptions options = OptionsAt(path);
  const auto server = Server::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(Ask(path).ok());
}

TEST_F(ServerTest, SaysThatItIsHealthy) {
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok());
  // HealthCheckResponse{status: SERVING}
  EXPECT_EQ(AskBytes("/grpc.health.v1.Health/Check", ""), "\x08\x01");
}

TEST_F(ServerTest, TellsWhichServicesItHas) {
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok());
  // ServerReflectionRequest{list_services: "*"}
  EXPECT_THAT(
      AskBytes("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*"),
      HasSubstr("davit.v1.DeploymentService"));
}

TEST_F(ServerTest, AsksNoProxy) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto server = Server::Start(Options());
  ASSERT_TRUE(server.ok());
  EXPECT_TRUE(Ask(Path()).ok());
  unsetenv("http_proxy");
}

}  // namespace
}  // namespace davit
