#include "common/tls/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/tls/test_ca.h"

namespace davit {
namespace {

using test::TestCa;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class IdentityTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(directory_.data()), nullptr); }
  void TearDown() override {
    EXPECT_EQ(ERR_peek_error(), 0u) << "an error is left in OpenSSL's queue";
    std::filesystem::remove_all(directory_);
  }

  TlsFiles Write(const TlsIdentity& identity) { return test::WriteTls(identity, directory_); }
  static absl::StatusOr<TlsIdentity> Load(const TlsFiles& files) {
    return LoadTls(files, absl::Now());
  }
  // What loading `files` complains of.
  static std::string Complaint(const TlsFiles& files, absl::StatusCode code) {
    const absl::Status status = Load(files).status();
    EXPECT_EQ(status.code(), code) << status;
    return std::string(status.message());
  }

  const TestCa ca_;
  std::string directory_ = ::testing::TempDir() + "davit-tls-XXXXXX";
};

TEST_F(IdentityTest, IsReadWithItsNameAndEnd) {
  test::CertificateOptions options;
  options.dns_names = {"web1", "web1.example"};
  options.end = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) + 3600);
  const TlsIdentity written = ca_.Issue("the first host", options);
  const auto read = Load(Write(written));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->name, "web1");
  EXPECT_EQ(read->expires, options.end);
  EXPECT_EQ(read->ca_pem, ca_.pem());
  EXPECT_EQ(read->cert_pem, written.cert_pem);
  EXPECT_EQ(read->key_pem, written.key_pem);
}

TEST_F(IdentityTest, IsCalledByItsCommonNameWithoutADnsName) {
  const auto read = Load(Write(ca_.Issue("ann", test::CertificateOptions())));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->name, "ann");
}

TEST_F(IdentityTest, NeedsAName) {
  const TlsFiles files = Write(ca_.Issue("", test::CertificateOptions()));
  EXPECT_THAT(Complaint(files, absl::StatusCode::kFailedPrecondition),
              AllOf(HasSubstr(files.cert_file), HasSubstr("no name")));
}

TEST_F(IdentityTest, NamesTheFileThatIsMissing) {
  const TlsFiles files = Write(ca_.Issue("web1"));
  for (const std::string& file : {files.ca_file, files.cert_file, files.key_file}) {
    std::filesystem::rename(file, file + ".away");
    EXPECT_THAT(Complaint(files, absl::StatusCode::kNotFound), HasSubstr(file));
    std::filesystem::rename(file + ".away", file);
  }
}

TEST_F(IdentityTest, RefusesAKeyThatOthersCanUse) {
  const TlsFiles files = Write(ca_.Issue("web1"));
  for (const mode_t mode : {0644, 0604, 0660, 0602}) {
    chmod(files.key_file.c_str(), mode);
    EXPECT_THAT(
        Complaint(files, absl::StatusCode::kPermissionDenied),
        AllOf(HasSubstr(files.key_file), HasSubstr(geteuid() == 0 ? "chmod 640" : "chmod 600")));
  }
}

TEST_F(IdentityTest, TakesAGroupsKeyWhenRootOwnsIt) {
  const TlsFiles files = Write(ca_.Issue("web1"));
  chmod(files.key_file.c_str(), 0640);
  struct stat found;
  ASSERT_EQ(stat(files.key_file.c_str(), &found), 0);
  EXPECT_EQ(Load(files).ok(), found.st_uid == 0);
}

TEST_F(IdentityTest, RefusesTheKeyOfAnotherCertificate) {
  TlsIdentity identity = ca_.Issue("web1");
  identity.key_pem = ca_.Issue("web1").key_pem;
  const TlsFiles files = Write(identity);
  EXPECT_THAT(Complaint(files, absl::StatusCode::kFailedPrecondition),
              AllOf(HasSubstr(files.key_file), HasSubstr(files.cert_file)));
}

TEST_F(IdentityTest, RefusesWhatIsOutOfDate) {
  test::CertificateOptions options;
  options.begin = absl::Now() - absl::Hours(2);
  options.end = absl::Now() - absl::Hours(1);
  EXPECT_THAT(Complaint(Write(ca_.Issue("web1", options)), absl::StatusCode::kFailedPrecondition),
              AllOf(HasSubstr("expired on 20"), HasSubstr("tls.crt")));
  options.begin = absl::Now() + absl::Hours(1);
  options.end = absl::Now() + absl::Hours(2);
  EXPECT_THAT(Complaint(Write(ca_.Issue("web1", options)), absl::StatusCode::kFailedPrecondition),
              AllOf(HasSubstr("valid only from"), HasSubstr("clock")));
}

TEST_F(IdentityTest, JudgesByTheTimeItIsGiven) {
  const TlsFiles files = Write(ca_.Issue("web1"));
  EXPECT_TRUE(LoadTls(files, absl::Now()).ok());
  EXPECT_FALSE(LoadTls(files, absl::Now() + absl::Hours(2)).ok());
}

TEST_F(IdentityTest, RefusesTheCertificateOfAnotherCa) {
  TlsIdentity identity = TestCa("strangers").Issue("web1");
  identity.ca_pem = ca_.pem();
  const TlsFiles files = Write(identity);
  EXPECT_THAT(Complaint(files, absl::StatusCode::kFailedPrecondition),
              AllOf(HasSubstr("signed by strangers and not by our CA, test CA"),
                    HasSubstr(files.cert_file), HasSubstr(files.ca_file)));
}

TEST_F(IdentityTest, TellsTwoCasOfOneNameApart) {
  TlsIdentity identity = TestCa().Issue("web1");
  identity.ca_pem = ca_.pem();
  EXPECT_THAT(Complaint(Write(identity), absl::StatusCode::kFailedPrecondition),
              HasSubstr("another CA than ours that has the same name, test CA"));
}

TEST_F(IdentityTest, TakesOneOfSeveralCas) {
  TlsIdentity identity = ca_.Issue("web1");
  identity.ca_pem = TestCa("the next CA").pem() + ca_.pem();
  EXPECT_TRUE(Load(Write(identity)).ok());
}

TEST_F(IdentityTest, SaysWhichFileHoldsRubbish) {
  const TlsIdentity good = ca_.Issue("web1");
  for (const auto member : {&TlsIdentity::ca_pem, &TlsIdentity::cert_pem, &TlsIdentity::key_pem}) {
    for (const std::string& rubbish :
         {std::string(), std::string("rubbish"), good.cert_pem.substr(0, 200),
          std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
      TlsIdentity identity = good;
      identity.*member = rubbish;
      const TlsFiles files = Write(identity);
      const std::string file = member == &TlsIdentity::ca_pem     ? files.ca_file
                               : member == &TlsIdentity::cert_pem ? files.cert_file
                                                                  : files.key_file;
      EXPECT_THAT(Complaint(files, absl::StatusCode::kInvalidArgument), HasSubstr(file));
    }
  }
}

TEST_F(IdentityTest, SaysThatAKeyIsEncrypted) {
  TlsIdentity identity = ca_.Issue("web1");
  identity.key_pem =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_THAT(Complaint(Write(identity), absl::StatusCode::kInvalidArgument),
              HasSubstr("passphrase"));
}

TEST_F(IdentityTest, KeepsTheKeyOutOfErrors) {
  TlsIdentity identity = ca_.Issue("web1");
  const std::string secret = identity.key_pem.substr(40, 20);
  identity.cert_pem = ca_.Issue("web1").cert_pem;
  EXPECT_THAT(Complaint(Write(identity), absl::StatusCode::kFailedPrecondition),
              Not(HasSubstr(secret)));
}

TEST_F(IdentityTest, DoesNotWaitForAFifo) {
  const TlsFiles files = Write(ca_.Issue("web1"));
  std::filesystem::remove(files.cert_file);
  ASSERT_EQ(mkfifo(files.cert_file.c_str(), 0600), 0);
  EXPECT_THAT(Complaint(files, absl::StatusCode::kInvalidArgument), HasSubstr("not a file"));
}

TEST(Certificate, IsForItsNamesAndAddresses) {
  test::CertificateOptions options;
  options.dns_names = {"web1.example"};
  options.ips = {"10.0.0.1", "2001:db8::1"};
  const auto parsed = tls::ParseCertificates(TestCa().Issue("web1", options).cert_pem);
  ASSERT_TRUE(parsed.ok());
  const X509& certificate = *parsed->front();
  EXPECT_TRUE(tls::IsFor(certificate, "web1.example"));
  EXPECT_TRUE(tls::IsFor(certificate, "WEB1.example"));
  EXPECT_TRUE(tls::IsFor(certificate, "10.0.0.1"));
  EXPECT_TRUE(tls::IsFor(certificate, "2001:db8::1"));
  EXPECT_FALSE(tls::IsFor(certificate, "web2.example"));
  EXPECT_FALSE(tls::IsFor(certificate, "10.0.0.2"));
  EXPECT_FALSE(tls::IsFor(certificate, "web1")) << "the CN does not count beside DNS names";
}

TEST(Certificate, IsJudgedByWhatItIsFor) {
  test::CertificateOptions options;
  options.dns_names = {"web1"};
  options.use = "serverAuth";
  const TestCa ca;
  const auto chain = tls::ParseCertificates(ca.Issue("web1", options).cert_pem);
  const auto roots = tls::ParseCertificates(ca.pem());
  ASSERT_TRUE(chain.ok() && roots.ok());
  EXPECT_TRUE(tls::Verify(*chain, *roots, absl::Now(), tls::Use::kServer).problems.empty());
  EXPECT_THAT(tls::Verify(*chain, *roots, absl::Now(), tls::Use::kClient).problems,
              ::testing::ElementsAre(HasSubstr("not made for this use")));
}

}  // namespace
}  // namespace davit
