// What is read from the host: pure parts, and what the test itself listens on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/listener.h"
#include "tests/support/unique.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/host/port_owner.h"
#include "worker/steps/host/proc_net.h"

namespace davit::steps {
namespace {

using ::testing::HasSubstr;
using worker::v1::PortBinding;

PortBinding Port(int host_port, const std::string& ip = "", const std::string& protocol = "") {
  PortBinding port;
  port.set_host_port(host_port);
  port.set_host_ip(ip);
  port.set_protocol(protocol);
  return port;
}

TEST(ProcNet, FindsTheSocketsThatListen) {
  const auto sockets = ParseProcNet(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "12345 1 0000000000000000 100 0 0 10 0\n"
      "   1: 0100007F:1F91 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 "
      "12346 1 0000000000000000 100 0 0 10 0\n"
      "   2: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000     0        0 777 1 0000000000000000 100 0 0 10 0\n"
      "nonsense\n");
  ASSERT_EQ(sockets.size(), 2u);
  EXPECT_EQ(sockets[0].ToString(), "127.0.0.1:8080");
  EXPECT_EQ(sockets[0].inode, 12345u);
  EXPECT_EQ(sockets[1].ToString(), "[::]:80");
}

TEST(ProcNet, FindsOutWhoListens) {
  const test::SilentListener listener;
  EXPECT_THAT(DescribeListener(Port(listener.port())),
              HasSubstr(absl::StrCat("(process ", getpid(), ") listens on ")));
  EXPECT_THAT(DescribeListener(Port(test::FreePort())), HasSubstr("cannot be told"));
}

TEST(Ports, CollideWhenTheirAddressesMeet) {
  EXPECT_TRUE(Collide(Port(80), Port(80)));
  EXPECT_TRUE(Collide(Port(80), Port(80, "10.0.0.1")));
  EXPECT_TRUE(Collide(Port(80, "0.0.0.0"), Port(80, "127.0.0.1", "tcp")));
  EXPECT_FALSE(Collide(Port(80, "10.0.0.1"), Port(80, "10.0.0.2")));
  EXPECT_FALSE(Collide(Port(80), Port(81)));
  EXPECT_FALSE(Collide(Port(53, "", "udp"), Port(53, "", "tcp")));
  EXPECT_FALSE(Collide(Port(0), Port(0)));
}

TEST(Ports, AreTriedOut) {
  const test::SilentListener listener;
  EXPECT_TRUE(absl::IsAlreadyExists(TryBind(Port(listener.port()))));
  EXPECT_TRUE(absl::IsAlreadyExists(TryBind(Port(listener.port(), "127.0.0.1"))));
  EXPECT_TRUE(TryBind(Port(listener.port(), "", "udp")).ok());
  EXPECT_TRUE(TryBind(Port(test::FreePort())).ok());
  EXPECT_TRUE(absl::IsNotFound(TryBind(Port(test::FreePort(), "192.0.2.1"))));
}

TEST(Ports, AreWrittenAsInTheSpec) {
  EXPECT_EQ(Describe(Port(80)), "80/tcp");
  EXPECT_EQ(Describe(Port(53, "127.0.0.1", "udp")), "127.0.0.1:53/udp");
  EXPECT_EQ(Describe(Port(80, "::1")), "[::1]:80/tcp");
}

TEST(DiskSpace, IsThatOfTheNearestAncestor) {
  EXPECT_EQ(FreeBytes("/no/such/place").has_value(), true);
  EXPECT_GT(*FreeBytes("/"), 0);
  EXPECT_GT(SpaceOf("/")->total_bytes, SpaceOf("/")->free_bytes);
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(12'340'000), "12.3 MB");
}

}  // namespace
}  // namespace davit::steps
