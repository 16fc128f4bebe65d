#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "absl/synchronization/mutex.h"
#include "common/failure/failure.h"
#include "common/rpc/dial.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/runtime.h"
#include "common/rpc/tls_fixture.h"

namespace davit {
namespace {

using grpc::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

class TlsServerTest : public TlsServerFixture {
 protected:
  static grpc::Status AskMethod(const std::shared_ptr<grpc::Channel>& channel,
                                const std::string& method) {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Soon()));
    grpc::CompletionQueue queue;
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }

  // What a client of any kind hears from the server first; empty when it is sent away.
  std::string FirstBytes(int newest_version, const std::optional<TlsIdentity>& shown) {
    Endpoint endpoint = Resolve("127.0.0.1", address().port, Soon())->front();
    const Dialled dialled = Dial(endpoint, Soon());
    EXPECT_EQ(dialled.error, 0);
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, 0);
    SSL_CTX_set_max_proto_version(context, newest_version);
    if (shown) {
      const auto certificates = tls::ParseCertificates(shown->cert_pem);
      const auto key = tls::ParseKey(shown->key_pem);
      SSL_CTX_use_certificate(context, certificates->front().get());
      SSL_CTX_use_PrivateKey(context, key->get());
    }
    const unsigned char http2[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context, http2, sizeof(http2));
    SSL* const ssl = SSL_new(context);
    const int flags = fcntl(dialled.socket.fd(), F_GETFL);
    fcntl(dialled.socket.fd(), F_SETFL, flags & ~O_NONBLOCK);
    SSL_set_fd(ssl, dialled.socket.fd());
    std::string heard;
    if (SSL_connect(ssl) == 1) {
      char bytes[64];
      const int count = SSL_read(ssl, bytes, sizeof(bytes));
      if (count > 0) heard.assign(bytes, count);
    }
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(context);
    return heard;
  }
};

TEST_F(TlsServerTest, KnowsTheCallerByItsCertificate) {
  Serve();
  const grpc::Status status = Ask(address(), ca_.Issue("ann"));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(caller_, "ann");
}

TEST_F(TlsServerTest, FindsTheServerByItsNameWhateverItsAddress) {
  ServerOptions options = Options();
  options.listen = {TcpAddress("127.0.0.1", 0), TcpAddress("localhost", 0), TcpAddress("::1", 0)};
  Serve(options);
  for (const Address& address : server_->addresses()) {
    EXPECT_NE(address.port, 0);
    EXPECT_TRUE(Ask(address, ca_.Issue("ann")).ok()) << ToText(address);
  }
}

TEST_F(TlsServerTest, IsFoundByItsAddressWhereNoNameIsGiven) {
  ServerOptions options = Options();
  test::CertificateOptions certificate;
  certificate.dns_names = {"localhost"};
  certificate.ips = {"127.0.0.1", "::1"};
  options.tls = ca_.Issue("controller", certificate);
  options.listen = {TcpAddress("127.0.0.1", 0), TcpAddress("localhost", 0), TcpAddress("::1", 0)};
  Serve(options);
  for (const Address& address : server_->addresses()) {
    const grpc::Status status = Ask(address, ca_.Issue("ann"), "");
    EXPECT_TRUE(status.ok()) << ToText(address) << status.error_message();
  }
}

TEST_F(TlsServerTest, ServesSocketsAndPortsAlike) {
  ServerOptions options = Options();
  options.listen = {UnixAddress(directory_ + "/a"), TcpAddress("127.0.0.1", 0),
                    UnixAddress(directory_ + "/b")};
  Serve(options);
  ASSERT_EQ(server_->addresses().size(), 3u);
  for (const Address& address : server_->addresses()) {
    EXPECT_TRUE(Ask(address, ca_.Issue("ann")).ok()) << ToText(address);
    EXPECT_EQ(caller_, address.is_unix ? "" : "ann");
  }
  EXPECT_TRUE(Ask(UnixAddress(directory_ + "/a"), std::nullopt).ok());
  server_->Shutdown(absl::Now());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/b"));
}

TEST_F(TlsServerTest, LeavesNothingBehindWhenAnAddressIsTaken) {
  Serve();
  ServerOptions options = Options();
  options.listen = {UnixAddress(directory_ + "/a"), address()};
  const absl::Status status = Server::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(ToText(address())), HasSubstr("Address already in use")));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a"));
}

TEST_F(TlsServerTest, HasNoTcpWithoutCertificates) {
  ServerOptions options = Options();
  options.tls.reset();
  EXPECT_EQ(Server::Start(options).status().code(), absl::StatusCode::kInvalidArgument);
  Serve();
  EXPECT_EQ(Ask(address(), std::nullopt).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(TlsServerTest, HasToBeToldWhoMayCall) {
  ServerOptions options = Options();
  options.allow.clear();
  const absl::Status status = Server::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("tls.allow"));
}

TEST_F(TlsServerTest, NeedsAnAddress) {
  EXPECT_EQ(Server::Start({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TlsServerTest, TellsACallerThatItIsNotOnTheList) {
  Serve();
  const auto channel = MakeChannel(address(), ca_.Issue("bob"), "controller");
  const absl::Status status = FromGrpcStatus(Ask(channel));
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(IsFailure(status, v1::NOT_AUTHORISED));
  EXPECT_THAT(FailureOf(status).message(), AllOf(HasSubstr("bob"), HasSubstr("lists ann")));
  for (const char* method :
       {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/no.such/Method"}) {
    EXPECT_EQ(AskMethod(channel, method).error_code(), StatusCode::PERMISSION_DENIED) << method;
  }
}

TEST_F(TlsServerTest, LetsInWhoHasOneOfTheNames) {
  ServerOptions options = Options();
  options.allow = {"somebody", "Ops.Example", "carol"};
  Serve(options);
  test::CertificateOptions certificate;
  certificate.dns_names = {"host7", "ops.example"};
  EXPECT_TRUE(Ask(address(), ca_.Issue("dave", certificate)).ok());
  EXPECT_EQ(caller_, "host7");
  EXPECT_TRUE(Ask(address(), ca_.Issue("carol", test::CertificateOptions())).ok());
  EXPECT_EQ(caller_, "carol");
  certificate.dns_names = {"carol.example"};
  EXPECT_EQ(Ask(address(), ca_.Issue("carolus", certificate)).error_code(),
            StatusCode::PERMISSION_DENIED);
}

TEST_F(TlsServerTest, LetsInAllOfTheCaWithAStar) {
  ServerOptions options = Options();
  options.allow = {"*"};
  Serve(options);
  EXPECT_TRUE(Ask(address(), ca_.Issue("anybody")).ok());
  EXPECT_EQ(Ask(address(), strangers_.Issue("ann")).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsServerTest, RefusesWhoIsNotOfTheCa) {
  Serve();
  TlsIdentity stranger = strangers_.Issue("ann");
  stranger.ca_pem = ca_.pem();
  EXPECT_EQ(Ask(address(), stranger).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Ask(address(), ca_.Issue("ann", ExpiredFor("ann"))).error_code(),
            StatusCode::UNAVAILABLE);
}

TEST_F(TlsServerTest, IsRefusedWhenItIsNotTheOneThatIsWanted) {
  Serve();
  EXPECT_EQ(Ask(address(), ca_.Issue("ann"), "web1").error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Ask(address(), ca_.Issue("ann"), "").error_code(), StatusCode::UNAVAILABLE);
  TlsIdentity other = ca_.Issue("ann");
  other.ca_pem = strangers_.pem();
  EXPECT_EQ(Ask(address(), other).error_code(), StatusCode::UNAVAILABLE);
  ServerOptions options = Options();
  options.tls = ca_.Issue("controller", ExpiredFor("controller"));
  Serve(options);
  EXPECT_EQ(Ask(address(), ca_.Issue("ann")).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(TlsServerTest, DoesNotSpeakToAPlaintextClient) {
  Serve();
  EXPECT_EQ(
      Ask(grpc::CreateChannel(ToText(address()), grpc::InsecureChannelCredentials())).error_code(),
      StatusCode::UNAVAILABLE);
}

TEST_F(TlsServerTest, SpeaksNoHttpBeforeItHasSeenACertificate) {
  Serve();
  EXPECT_FALSE(FirstBytes(TLS1_3_VERSION, ca_.Issue("ann")).empty());
  EXPECT_FALSE(FirstBytes(TLS1_2_VERSION, ca_.Issue("ann")).empty());
  EXPECT_EQ(FirstBytes(TLS1_3_VERSION, std::nullopt), "");
  EXPECT_EQ(FirstBytes(TLS1_2_VERSION, std::nullopt), "");
  EXPECT_EQ(FirstBytes(TLS1_3_VERSION, strangers_.Issue("ann")), "");
}

TEST_F(TlsServerTest, SpeaksNoTlsOlderThan12) {
  Serve();
  EXPECT_EQ(FirstBytes(TLS1_1_VERSION, ca_.Issue("ann")), "");
}

absl::Mutex logged_mutex(absl::kConstInit);
std::vector<std::string>& Logged() {
  static auto* const logged = new std::vector<std::string>;
  return *logged;
}

TEST_F(TlsServerTest, LogsWhomItSendsAwayWhereItIsToldTo) {
  SetGrpcLog([](bool is_error, absl::string_view message) {
    const absl::MutexLock lock(&logged_mutex);
    if (is_error) Logged().emplace_back(message);
  });
  Serve();
  EXPECT_EQ(FirstBytes(TLS1_3_VERSION, std::nullopt), "");
  server_.reset();
  SetGrpcLog(nullptr);
  const absl::MutexLock lock(&logged_mutex);
  EXPECT_THAT(Logged(), ::testing::Contains(HasSubstr("did not return a certificate")));
}

}  // namespace
}  // namespace davit
