#include "common/rpc/refusals.h"

#include <gmock/gmock.h>

#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/rpc/tls_fixture.h"

namespace davit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RefusalIn, IsWhatServersSayOfHandshakes) {
  EXPECT_EQ(RefusalIn("Handshaking failed: UNKNOWN:Ssl handshake failed: SSL_ERROR_SSL: "
                      "error:0A000086:SSL routines::certificate verify failed {tsi_code:10}"),
            (Refusal{false, "refused a connection: TLS handshake: certificate verify failed"}));
  EXPECT_EQ(RefusalIn("Handshaking failed: UNKNOWN:Handshake read failed {file_line:487, children:["
                      "INTERNAL:Socket closed {target_address:\"ipv4:127.0.0.1:45596\", fd:9}]}"),
            (Refusal{true, "a connection from 127.0.0.1:45596 was given up"}));
  EXPECT_EQ(RefusalIn("Handshaking failed: UNKNOWN:x {target_address:\"ipv6:%5B::1%5D:5\"}"),
            (Refusal{true, "a connection from [::1]:5 was given up"}));
  EXPECT_EQ(RefusalIn("Handshaking failed: UNKNOWN:Handshake timed out\n"),
            (Refusal{false, "refused a connection: TLS handshake: Handshake timed out\\n"}));
  EXPECT_EQ(RefusalIn("Security handshake failed: UNKNOWN:certificate verify failed"),
            std::nullopt);
}

// What the sink was given.
class RefusalsTest : public TlsServerFixture {
 protected:
  void SetUp() override {
    TlsServerFixture::SetUp();
    Take();
    SetRefusalSink([](const Refusal& refusal) {
      const absl::MutexLock lock(&mutex_);
      Told().push_back(refusal);
    });
    Serve();
  }
  void TearDown() override {
    SetRefusalSink(nullptr);
    TlsServerFixture::TearDown();
  }

  // All of it, once the server has ended.
  std::vector<std::string> Take() {
    server_.reset();
    const absl::MutexLock lock(&mutex_);
    std::vector<std::string> texts;
    for (const Refusal& refusal : Told()) {
      if (!refusal.by_peer) texts.push_back(refusal.text);
    }
    Told().clear();
    return texts;
  }

 private:
  static std::vector<Refusal>& Told() {
    static auto* const told = new std::vector<Refusal>;
    return *told;
  }
  static absl::Mutex mutex_;
};

absl::Mutex RefusalsTest::mutex_(absl::kConstInit);

TEST_F(RefusalsTest, AreOfHandshakesWithTheReason) {
  TlsIdentity stranger = strangers_.Issue("ann");
  stranger.ca_pem = ca_.pem();
  EXPECT_FALSE(Ask(address(), stranger).ok());
  const std::vector<std::string> told = Take();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front(), "refused a connection: TLS handshake: certificate verify failed");
}

TEST_F(RefusalsTest, AreOfCallersThatAreNotOnTheList) {
  EXPECT_FALSE(Ask(address(), ca_.Issue("bob")).ok());
  EXPECT_THAT(Take(), ElementsAre("refused a call: the certificate of bob may not call here; "
                                  "tls.allow lists ann"));
}

TEST_F(RefusalsTest, AreInOneLineWhateverTheNameHasInIt) {
  EXPECT_FALSE(Ask(address(), ca_.Issue("bob\nok", test::CertificateOptions())).ok());
  const std::vector<std::string> told = Take();
  ASSERT_FALSE(told.empty());
  EXPECT_THAT(told.front(), HasSubstr("bob\\nok may not call"));
  EXPECT_THAT(told.front(), Not(HasSubstr("\n")));
}

TEST_F(RefusalsTest, AreNotOfThoseWhoMayCall) {
  EXPECT_TRUE(Ask(address(), ca_.Issue("ann")).ok());
  EXPECT_THAT(Take(), ElementsAre());
}

}  // namespace
}  // namespace davit
