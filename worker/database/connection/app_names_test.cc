#include "worker/database/connection/app_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "worker/database/connection/connect_reason.h"

namespace davit::database {
namespace {

using ::testing::HasSubstr;

class FakeNames final : public ContainerNames {
 public:
  absl::StatusOr<std::string> AddressIn(absl::string_view network, absl::string_view name,
                                        const Call&) override {
    const auto found = addresses.find(absl::StrCat(network, "/", name));
    return found == addresses.end() ? "" : found->second;
  }
  absl::StatusOr<std::string> HostGateway(const Call&) override { return gateway; }

  std::map<std::string, std::string> addresses;
  absl::StatusOr<std::string> gateway = std::string("172.17.0.1");
};

class AppNamesTest : public ::testing::Test {
 protected:
  absl::StatusOr<DatabaseUrl> Resolve(absl::string_view url) {
    return ResolveAsApp(*ParseDatabaseUrl(url), network_, names_, {});
  }
  // That of the only host; the error's text where there is none.
  std::string Address(absl::string_view url) {
    const auto resolved = Resolve(url);
    if (!resolved.ok()) return std::string(resolved.status().message());
    return resolved->hosts.at(0).address;
  }

  AppNetwork network_ = {.networks = {"front", "back"}};
  FakeNames names_;
};

TEST_F(AppNamesTest, FindsAContainerInTheNetworksInTheirOrder) {
  names_.addresses = {{"back/db", "172.19.0.2"}, {"other/cache", "172.20.0.2"}};
  EXPECT_EQ(Address("postgres://db/shop"), "172.19.0.2");
  EXPECT_EQ(Address("postgres://DB/shop"), "172.19.0.2");
  names_.addresses["front/db"] = "172.18.0.2";
  EXPECT_EQ(Address("postgres://db/shop"), "172.18.0.2");
  EXPECT_EQ(Address("postgres://cache/shop"), "") << "of a network that they are not in";
}

TEST_F(AppNamesTest, TakesTheGatewayForTheHost) {
  network_.extra_hosts = {{"host.docker.internal", "host-gateway"}};
  EXPECT_EQ(Address("postgres://host.docker.internal/shop"), "172.17.0.1");
}

TEST_F(AppNamesTest, SaysThatTheHostsNameNeedsAnEntry) {
  EXPECT_THAT(Address("postgres://host.docker.internal/shop"),
              HasSubstr("extra_hosts: [host.docker.internal:host-gateway]"));
}

TEST_F(AppNamesTest, PrefersExtraHosts) {
  network_.extra_hosts = {{"db", "10.0.0.5"}};
  names_.addresses = {{"front/db", "172.18.0.2"}};
  EXPECT_EQ(Address("postgres://db/shop"), "10.0.0.5");
}

TEST_F(AppNamesTest, LeavesOtherNamesAndAddressesAsTheyAre) {
  EXPECT_EQ(Address("postgres://db.example.com/shop"), "");
  EXPECT_EQ(Address("postgres://10.0.0.7/shop"), "");
  EXPECT_EQ(Address("postgres://[fd00::7]/shop"), "");
}

TEST_F(AppNamesTest, KnowsThatLocalhostIsTheContainerItself) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
    const absl::Status status = Resolve(absl::StrCat("postgres://", host, "/shop")).status();
    EXPECT_EQ(ReasonOf(status), ConnectReason::kNameNotFound) << host;
    EXPECT_THAT(status.message(), HasSubstr("that container itself"));
  }
  network_.host_network = true;
  EXPECT_EQ(Address("postgres://localhost/shop"), "");
}

TEST_F(AppNamesTest, FindsASocketWhereItsMountComesFrom) {
  network_.directories = {{"/run/postgresql", "/srv/pg/run"}};
  const auto resolved = Resolve("postgresql:///shop?host=/run/postgresql");
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->HostsText(), "/srv/pg/run/.s.PGSQL.5432");
  EXPECT_THAT(Address("postgresql:///shop?host=/run/other"), HasSubstr("no mount"));
}

TEST_F(AppNamesTest, FindsCertificatesWhereTheirMountComesFrom) {
  network_.directories = {{"/etc/pg", "/srv/certificates"}};
  const auto resolved = Resolve("postgres://db/shop?sslrootcert=/etc/pg/ca.crt&sslkey=/other");
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->options.at("sslrootcert"), "/srv/certificates/ca.crt");
  EXPECT_EQ(resolved->options.at("sslkey"), "/other");
}

TEST_F(AppNamesTest, HandsTheEnginesErrorOn) {
  network_.extra_hosts = {{"db", "host-gateway"}};
  names_.gateway = absl::UnavailableError("no engine");
  EXPECT_EQ(Resolve("postgres://db/shop").status(), absl::UnavailableError("no engine"));
}

}  // namespace
}  // namespace davit::database
