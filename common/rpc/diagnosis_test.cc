#include "common/rpc/diagnosis.h"

#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "common/rpc/dial.h"
#include "common/rpc/tls_fixture.h"

namespace davit {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DiagnosisTest : public TlsServerFixture {
 protected:
  std::vector<std::string> Why(const std::optional<TlsIdentity>& tls,
                               const std::string& peer_name = "controller") {
    return WhyUnreachable(address(), tls, peer_name, Soon());
  }

  // A socket at a port of 127.0.0.1, and the port.
  static std::pair<Socket, Address> Bound() {
    Socket bound(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    EXPECT_EQ(bind(bound.fd(), reinterpret_cast<sockaddr*>(&name), size), 0);
    EXPECT_EQ(getsockname(bound.fd(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    return {std::move(bound), TcpAddress("127.0.0.1", ntohs(name.sin_port))};
  }

  // A unix socket that listens, or did.
  Socket BoundUnix(const std::string& path) {
    Socket bound(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Endpoint endpoint = UnixEndpoint(path);
    EXPECT_EQ(
        bind(bound.fd(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.length), 0);
    EXPECT_EQ(listen(bound.fd(), 1), 0);
    return bound;
  }

  std::vector<std::string> WhyUnix(const std::string& path) {
    return WhyUnreachable(UnixAddress(path), std::nullopt, "", Soon());
  }
};

TEST_F(DiagnosisTest, FindsNothingWrongWhereNothingIs) {
  Serve();
  EXPECT_THAT(Why(ca_.Issue("ann")), IsEmpty());
}

TEST_F(DiagnosisTest, FindsANameThatHasNoAddress) {
  // Where no name server answers, that is said by the deadline.
  const absl::Time deadline = absl::Now() + absl::Seconds(2);
  EXPECT_THAT(WhyUnreachable(TcpAddress("nowhere.invalid", 7301), ca_.Issue("ann"), "", deadline),
              ElementsAre(HasSubstr("nowhere.invalid")));
  EXPECT_LT(absl::Now(), deadline + absl::Seconds(30));
}

TEST_F(DiagnosisTest, FindsAPortWhereNothingListens) {
  const auto [bound, address] = Bound();
  EXPECT_THAT(WhyUnreachable(address, ca_.Issue("ann"), "", Soon()),
              ElementsAre(AllOf(HasSubstr(ToText(address)), HasSubstr("refuses connections"))));
}

TEST_F(DiagnosisTest, FindsAHostThatDropsWhatIsSent) {
  const auto [bound, address] = Bound();
  ASSERT_EQ(listen(bound.fd(), 0), 0);
  // The backlog is full; the kernel drops what else comes.
  std::vector<Socket> waiting;
  const Endpoint endpoint = Resolve("127.0.0.1", address.port, Soon())->front();
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(Dial(endpoint, absl::Now() + absl::Milliseconds(20)).socket);
  }
  const TlsIdentity ann = ca_.Issue("ann");
  const absl::Time deadline = absl::Now() + absl::Milliseconds(500);
  EXPECT_THAT(WhyUnreachable(address, ann, "", deadline),
              ElementsAre(HasSubstr("does not answer")));
}

TEST_F(DiagnosisTest, FindsAProgramThatHangs) {
  const auto [bound, address] = Bound();
  ASSERT_EQ(listen(bound.fd(), 5), 0);
  const TlsIdentity ann = ca_.Issue("ann");
  const absl::Time deadline = absl::Now() + absl::Seconds(1);
  EXPECT_THAT(WhyUnreachable(address, ann, "", deadline),
              ElementsAre(HasSubstr("does not answer the TLS handshake")));
}

TEST_F(DiagnosisTest, FindsAProgramThatHangsUp) {
  const auto [bound, address] = Bound();
  ASSERT_EQ(listen(bound.fd(), 5), 0);
  std::thread closer([fd = bound.fd()] { close(accept(fd, nullptr, nullptr)); });
  EXPECT_THAT(WhyUnreachable(address, ca_.Issue("ann"), "", Soon()),
              ElementsAre(HasSubstr("closes the connection during the TLS handshake")));
  closer.join();
}

TEST_F(DiagnosisTest, FindsAServerWithoutTls) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const auto plain = builder.BuildAndStart();
  EXPECT_THAT(WhyUnreachable(TcpAddress("127.0.0.1", port), ca_.Issue("ann"), "", Soon()),
              ElementsAre(HasSubstr("no TLS")));
}

TEST_F(DiagnosisTest, FindsThatNoCertificateIsGiven) {
  Serve();
  EXPECT_THAT(Why(std::nullopt), ElementsAre(HasSubstr("no certificate is given")));
}

TEST_F(DiagnosisTest, FindsACertificateOfOursThatHasExpired) {
  Serve();
  EXPECT_THAT(Why(ca_.Issue("ann", ExpiredFor("ann"))),
              AllOf(Contains(AllOf(HasSubstr("refuses our certificate, that of ann"))),
                    Contains(HasSubstr("our own certificate expired on 20"))));
}

// gRPC's servers close the connection without a word; others send an alert.
class AlertTest : public DiagnosisTest, public ::testing::WithParamInterface<int> {
 protected:
  // Takes one TLS connection at `listening` that shows a certificate of the CA.
  void Accept(int listening) {
    const int fd = accept(listening, nullptr, nullptr);
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(context, GetParam());
    const TlsIdentity identity = ca_.Issue("controller");
    const auto certificates = tls::ParseCertificates(identity.cert_pem);
    const auto key = tls::ParseKey(identity.key_pem);
    const auto roots = tls::ParseCertificates(ca_.pem());
    SSL_CTX_use_certificate(context, certificates->front().get());
    SSL_CTX_use_PrivateKey(context, key->get());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), roots->front().get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL* const ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    EXPECT_NE(SSL_accept(ssl), 1);
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(fd);
  }
};

TEST_P(AlertTest, SaysWhatTheServerSays) {
  const auto [bound, address] = Bound();
  ASSERT_EQ(listen(bound.fd(), 5), 0);
  std::thread server([this, fd = bound.fd()] { Accept(fd); });
  EXPECT_THAT(WhyUnreachable(address, ca_.Issue("ann", ExpiredFor("ann")), "controller", Soon()),
              ElementsAre(HasSubstr("refuses our certificate, that of ann: TLS alert \"certificate "
                                    "expired\" (45)"),
                          HasSubstr("our own certificate expired on 20")));
  server.join();
}

INSTANTIATE_TEST_SUITE_P(Versions, AlertTest, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_F(DiagnosisTest, FindsACertificateOfOursThatTheServersCaDidNotSign) {
  Serve();
  TlsIdentity stranger = strangers_.Issue("ann");
  stranger.ca_pem = ca_.pem();
  EXPECT_THAT(Why(stranger), AllOf(Contains(HasSubstr("refuses our certificate")),
                                   Contains(HasSubstr("signed by strangers and not by our CA"))));
}

TEST_F(DiagnosisTest, FindsACertificateOfOursThatIsNotForClients) {
  Serve();
  test::CertificateOptions options;
  options.dns_names = {"ann"};
  options.use = "serverAuth";
  EXPECT_THAT(Why(ca_.Issue("ann", options)),
              AllOf(Contains(HasSubstr("refuses our certificate")),
                    Contains(HasSubstr("our own certificate is not made for this use"))));
}

TEST_F(DiagnosisTest, FindsAServerOfAnotherCa) {
  Serve();
  const auto why = Why(strangers_.Issue("ann"));
  EXPECT_THAT(why,
              AllOf(Contains(HasSubstr("shows is signed by test CA and not by our CA, strangers")),
                    Contains(HasSubstr("refuses our certificate"))));
}

TEST_F(DiagnosisTest, FindsAServerOfAnotherName) {
  Serve();
  EXPECT_THAT(Why(ca_.Issue("ann"), "web1"),
              ElementsAre(AllOf(HasSubstr(ToText(address())),
                                HasSubstr("is for controller and not for web1"))));
}

TEST_F(DiagnosisTest, FindsAServerWhoseCertificateHasExpired) {
  ServerOptions options = Options();
  options.tls = ca_.Issue("controller", ExpiredFor("controller"));
  Serve(options);
  EXPECT_THAT(Why(ca_.Issue("ann")),
              ElementsAre(AllOf(HasSubstr(ToText(address())), HasSubstr("expired on 20"))));
}

TEST_F(DiagnosisTest, FindsAUnixSocketThatIsNotThere) {
  EXPECT_THAT(WhyUnix(directory_ + "/s"), ElementsAre(HasSubstr("there is no socket")));
}

TEST_F(DiagnosisTest, FindsAUnixSocketThatNobodyListensAt) {
  BoundUnix(directory_ + "/s");
  EXPECT_THAT(WhyUnix(directory_ + "/s"), ElementsAre(HasSubstr("nothing listens")));
}

TEST_F(DiagnosisTest, FindsAFileThatIsNoSocket) {
  std::ofstream(directory_ + "/s") << "text";
  EXPECT_THAT(WhyUnix(directory_ + "/s"), ElementsAre(HasSubstr("is not a socket")));
}

TEST_F(DiagnosisTest, FindsAUnixSocketThatIsForOthers) {
  const Socket bound = BoundUnix(directory_ + "/s");
  chmod(directory_.c_str(), 0755);
  chmod((directory_ + "/s").c_str(), geteuid() == 0 ? 0600 : 0000);
  // Root may all; this thread acts as nobody.
  if (geteuid() == 0) setfsuid(65534);
  EXPECT_THAT(WhyUnix(directory_ + "/s"),
              ElementsAre(AllOf(HasSubstr("may not connect"), HasSubstr("mode 0"))));
  if (geteuid() == 0) setfsuid(0);
  EXPECT_TRUE(geteuid() != 0 || WhyUnix(directory_ + "/s").empty());
}

}  // namespace
}  // namespace davit
