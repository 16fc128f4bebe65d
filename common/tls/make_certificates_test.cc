#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/tls/certificate.h"
#include "common/tls/identity.h"

namespace davit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// deploy/make-certificates.sh makes what LoadTls takes.
class MakeCertificates : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // The exit code of the script; what it says becomes said_.
  int Run(const std::string& arguments) {
    said_.clear();
    const std::string command =
        absl::StrCat(DAVIT_SOURCE_DIR, "/deploy/make-certificates.sh ", arguments, " 2>&1");
    FILE* const pipe = popen(command.c_str(), "r");
    char line[512];
    while (std::fgets(line, sizeof(line), pipe) != nullptr) said_ += line;
    return WEXITSTATUS(pclose(pipe));
  }

  absl::StatusOr<TlsIdentity> Load(const std::string& name) const {
    return LoadTls(TlsFilesIn(directory_ + "/" + name), absl::Now());
  }

  std::string directory_ = ::testing::TempDir() + "davit-certificates-XXXXXX";
  std::string said_;
};

TEST_F(MakeCertificates, ForServersAndClients) {
  ASSERT_EQ(Run(directory_ + " web1 10.0.0.1 --ip 127.0.0.1"), 0) << said_;
  for (const std::string name : {"web1", "10.0.0.1"}) {
    const auto identity = Load(name);
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(identity->name, name);
    const auto chain = tls::ParseCertificates(identity->cert_pem);
    const auto roots = tls::ParseCertificates(identity->ca_pem);
    EXPECT_TRUE(tls::IsFor(*chain->front(), name));
    EXPECT_TRUE(tls::IsFor(*chain->front(), "127.0.0.1"));
    EXPECT_FALSE(tls::IsFor(*chain->front(), "web2"));
    for (const tls::Use use : {tls::Use::kServer, tls::Use::kClient}) {
      EXPECT_TRUE(tls::Verify(*chain, *roots, absl::Now(), use).problems.empty());
    }
  }
}

TEST_F(MakeCertificates, WithKeysForOneUserOnly) {
  ASSERT_EQ(Run(directory_ + " web1"), 0) << said_;
  for (const char* file : {"/web1/tls.key", "/ca/ca.key"}) {
    struct stat found;
    ASSERT_EQ(stat((directory_ + file).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u) << file;
  }
}

TEST_F(MakeCertificates, OnceAndNotAgainWithoutNeed) {
  ASSERT_EQ(Run(directory_ + " web1"), 0) << said_;
  const std::string first = Load("web1")->cert_pem;
  ASSERT_EQ(Run(directory_ + " web1 web2"), 0) << said_;
  EXPECT_EQ(Load("web1")->cert_pem, first);
  EXPECT_EQ(Load("web1")->ca_pem, Load("web2")->ca_pem);
  ASSERT_EQ(Run(directory_ + " web1 --ip 10.0.0.7"), 0) << said_;
  EXPECT_NE(Load("web1")->cert_pem, first);
}

TEST_F(MakeCertificates, ForAsLongAsIsAskedFor) {
  ASSERT_EQ(Run(directory_ + " web1"), 0) << said_;
  EXPECT_GT(Load("web1")->expires, absl::Now() + absl::Hours(24 * 300));
  ASSERT_EQ(Run(directory_ + " web1 --days 10"), 0) << said_;
  EXPECT_LT(Load("web1")->expires, absl::Now() + absl::Hours(24 * 11));
  ASSERT_EQ(Run(directory_ + " web1 --days -1"), 0) << said_;
  EXPECT_THAT(std::string(Load("web1").status().message()), HasSubstr("expired on 20"));
  ASSERT_EQ(Run(directory_ + " web1"), 0) << said_;
  EXPECT_TRUE(Load("web1").ok()) << "an expired one is not kept";
}

TEST_F(MakeCertificates, ButNotForWhatIsNoName) {
  for (const char* arguments : {"", " ca", " a/b", " ..", " web1 --ip web1", " web1 --days one",
                                " web1 --no-such-option"}) {
    EXPECT_EQ(Run(directory_ + arguments), 2) << arguments;
    EXPECT_THAT(said_, HasSubstr("make-certificates.sh"));
  }
  EXPECT_EQ(Run("--help"), 0);
  EXPECT_THAT(said_, AllOf(HasSubstr("--days"), HasSubstr("ca.key")));
}

}  // namespace
}  // namespace davit
