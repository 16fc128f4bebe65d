#include "client/output/waiting_text.h"

#include <gtest/gtest.h>

namespace davit::output {
namespace {

TEST(WaitingLine, NamesTheHostsThatAreNotOnline) {
  v1::ListHostsResponse hosts;
  hosts.add_hosts()->set_name("dev-1");
  hosts.mutable_hosts(0)->set_state(v1::Host::ONLINE);
  hosts.add_hosts()->set_name("dev-2");
  hosts.mutable_hosts(1)->set_state(v1::Host::AWAY);
  EXPECT_EQ(WaitingLineText({"dev-1", "dev-2"}, hosts), "waiting for host dev-2 …");
  EXPECT_EQ(WaitingLineText({"dev-1", "dev-2", "dev-3"}, hosts),
            "waiting for hosts dev-2, dev-3 …");
  EXPECT_EQ(WaitingLineText({"dev-1"}, hosts), "waiting for host dev-1 …") << "it may hang";
  EXPECT_EQ(WaitingLineText({"a", "b", "c", "d", "e"}, {}), "waiting for 5 hosts …");
}

}  // namespace
}  // namespace davit::output
