#include "common/rpc/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit {
namespace {

using ::testing::HasSubstr;

TEST(Address, IsReadAndWrittenTheSameWay) {
  const std::pair<const char*, Address> cases[] = {
      {"unix:/run/davit/worker.sock", UnixAddress("/run/davit/worker.sock")},
      {"app1.example.com:7301", TcpAddress("app1.example.com", 7301)},
      {"10.0.0.1:1", TcpAddress("10.0.0.1", 1)},
      {"localhost:0", TcpAddress("localhost", 0)},
      {"[2001:db8::1]:65535", TcpAddress("2001:db8::1", 65535)},
      {"web_1-a:80", TcpAddress("web_1-a", 80)},
  };
  for (const auto& [text, address] : cases) {
    const auto parsed = ParseAddress(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, address) << text;
    EXPECT_EQ(ToText(address), text);
  }
}

TEST(Address, TakesAUnixPathInUrlStyle) {
  EXPECT_EQ(*ParseAddress("unix:///run/davit/s"), UnixAddress("/run/davit/s"));
}

TEST(Address, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "the port is missing"},
      {"web1", "the port is missing"},
      {"/run/davit/s", "begins with unix:"},
      {"unix:run/davit", "begin with a slash"},
      {"unix:", "begin with a slash"},
      {"unix:/" + std::string(107, 'x'), "107"},
      {"web1:", "a port is a number"},
      {"web1:http", "a port is a number"},
      {"web1:65536", "a port is a number"},
      {"web1:-1", "a port is a number"},
      {"web1: 80", "a port is a number"},
      {":80", "a host has"},
      {"web 1:80", "a host has"},
      {"https://web1:80", "has no scheme"},
      {"http://10.0.0.1:7301", "has no scheme"},
      {"http://web1", "has no scheme"},
      {"2001:db8::1:80", "stands in brackets"},
      {"[web1]:80", "no IPv6 address"},
      {"[2001:db8::1:80", "stands in brackets"},
      {"-web1:80", "a host has"},
      {std::string(254, 'x') + ":80", "a host has"},
  };
  for (const auto& [text, why] : cases) {
    const absl::Status status = ParseAddress(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why)) << text;
  }
}

TEST(Address, GoesToGrpcWithoutANameServerWhereNoneIsNeeded) {
  EXPECT_EQ(ChannelTarget(UnixAddress("/a b%.sock")), "unix:/a%20b%25.sock");
  EXPECT_EQ(ChannelTarget(TcpAddress("10.0.0.1", 80)), "ipv4:10.0.0.1:80");
  EXPECT_EQ(ChannelTarget(TcpAddress("::1", 80)), "ipv6:%5B::1%5D:80");
  EXPECT_EQ(ChannelTarget(TcpAddress("web1", 80)), "dns:///web1:80");
}

}  // namespace
}  // namespace davit
