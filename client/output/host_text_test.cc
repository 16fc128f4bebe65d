#include "client/output/host_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::output {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'700'000'000;

v1::HostApp* AddApp(v1::Host& host, const std::string& app, const std::string& state) {
  v1::HostApp* added = host.add_apps();
  added->set_project("shop");
  added->set_environment("dev");
  added->set_app(app);
  added->set_release(3);
  added->set_container("shop-dev-" + app);
  added->set_state(state);
  added->mutable_start_time()->set_seconds(kNow - 5);
  return added;
}

v1::Host Online() {
  v1::Host host;
  host.set_name("dev-1");
  host.set_address("dev-1:7421");
  host.set_state(v1::Host::ONLINE);
  host.mutable_state_time()->set_seconds(kNow - 192);
  host.mutable_add_time()->set_seconds(kNow - 86400);
  host.set_added_by("ann@desk");
  v1::HostFacts* facts = host.mutable_facts();
  facts->set_worker_version("0.3.0");
  facts->set_docker_version("27.1.1");
  facts->set_platform("linux/amd64");
  facts->set_operating_system("Debian GNU/Linux 12");
  facts->set_cpus(4);
  facts->set_memory_bytes(8'000'000'000);
  facts->set_disk_total_bytes(40'000'000'000);
  facts->set_disk_free_bytes(12'300'000'000);
  facts->mutable_time()->set_seconds(kNow - 2);
  return host;
}

v1::Host Away() {
  v1::Host host;
  host.set_name("dev-2");
  host.set_address("10.0.0.2:7421");
  host.set_state(v1::Host::AWAY);
  host.mutable_state_time()->set_seconds(kNow - 64);
  host.mutable_problem()->set_code(v1::HOST_UNREACHABLE);
  host.mutable_problem()->set_message("dev-2 does not answer");
  host.mutable_problem()->add_evidence("connection refused");
  return host;
}

absl::Time Now() { return absl::FromUnixSeconds(kNow); }

std::string Shown(const v1::Host& host) {
  return HostText(host, Now(), absl::UTCTimeZone(), Style{});
}

TEST(HostList, HasARowForEachHostAndSaysWhyOneIsAway) {
  v1::ListHostsResponse hosts;
  *hosts.add_hosts() = Online();
  AddApp(*hosts.mutable_hosts(0), "web", "running");
  AddApp(*hosts.mutable_hosts(0), "api", "exited");
  *hosts.add_hosts() = Away();
  EXPECT_EQ(
      HostListText(hosts, Now(), 0),
      "NAME   ADDRESS        STATE           WORKER  DOCKER  PLATFORM     DISK"
      "                     APPS\n"
      "dev-1  dev-1:7421     online (3m12s)  0.3.0   27.1.1  linux/amd64  "
      "12.3 GB of 40.0 GB free  1 of 2 running\n"
      "dev-2  10.0.0.2:7421  away (1m04s)    -       -       -            -"
      "                        -\n"
      "dev-2 is away for 1m04s: dev-2 does not answer (HOST_UNREACHABLE); connection refused\n");
}

TEST(HostList, FitsANarrowTerminal) {
  v1::ListHostsResponse hosts;
  *hosts.add_hosts() = Online();
  EXPECT_EQ(HostListText(hosts, Now(), 40),
            "NAME   ADDRESS     STATE           APPS\n"
            "dev-1  dev-1:7421  online (3m12s)  0\n");
}

TEST(HostList, TellsAProblemOfAHostThatIsOnlineToo) {
  v1::ListHostsResponse hosts;
  *hosts.add_hosts() = Online();
  hosts.mutable_hosts(0)->mutable_problem()->set_code(v1::DOCKER_UNREACHABLE);
  hosts.mutable_hosts(0)->mutable_problem()->set_message("no Docker");
  EXPECT_THAT(HostListText(hosts, Now(), 0),
              HasSubstr("dev-1 is online for 3m12s: no Docker (DOCKER_UNREACHABLE)\n"));
}

TEST(HostList, SaysHowToAddTheFirst) {
  EXPECT_EQ(HostListText({}, Now(), 0),
            "no hosts yet; add one with: davit hosts add NAME ADDRESS\n");
}

TEST(HostShow, TellsFactsAndApps) {
  v1::Host host = Online();
  AddApp(host, "web", "running")->set_health("healthy");
  EXPECT_EQ(Shown(host),
            "host     dev-1\n"
            "address  dev-1:7421\n"
            "state    online for 3m12s\n"
            "added    2023-11-13 22:13:20 by ann@desk\n"
            "software worker 0.3.0, Docker 27.1.1, linux/amd64\n"
            "machine  Debian GNU/Linux 12, 4 processors, 8.0 GB of memory\n"
            "disk     12.3 GB of 40.0 GB free\n"
            "\n"
            "APP  PROJECT  ENVIRONMENT  RELEASE  CONTAINER     STATE    HEALTH   SINCE\n"
            "web  shop     dev          v3       shop-dev-web  running  healthy  5.0s\n");
}

TEST(HostShow, TellsWhyAHostIsAwayAndHowOldItsFactsAre) {
  v1::Host host = Away();
  *host.mutable_facts() = Online().facts();
  const std::string text = Shown(host);
  EXPECT_THAT(text, HasSubstr("state    away for 1m04s\n"));
  EXPECT_THAT(text, HasSubstr("known    as of 2023-11-14 22:13:18, before it went away\n"));
  EXPECT_THAT(text, HasSubstr("error: dev-2 does not answer (HOST_UNREACHABLE)\n"
                              "  - connection refused\n"));
  EXPECT_THAT(text, HasSubstr("no containers of Davit's\n"));
}

TEST(HostShow, MarksTheAppsOfAHostThatIsNotOnlineAsLastKnown) {
  v1::Host host = Away();
  *host.mutable_facts() = Online().facts();
  AddApp(host, "web", "running");
  EXPECT_THAT(Shown(host),
              HasSubstr("\n\nas of 22:13:18, before it went away:\n"
                        "APP  PROJECT  ENVIRONMENT  RELEASE  CONTAINER     STATE    SINCE\n"
                        "web  shop     dev          v3       shop-dev-web  running  3.0s\n"));
  host.set_state(v1::Host::REFUSED);
  EXPECT_THAT(Shown(host), HasSubstr("\nas of 22:13:18, before it refused this controller:\n"));
  host.set_state(v1::Host::ONLINE);
  EXPECT_THAT(Shown(host), Not(HasSubstr("as of")));
}

TEST(HostList, MarksTheAppsOfAHostThatIsNotOnlineAsLastKnown) {
  v1::ListHostsResponse hosts;
  *hosts.add_hosts() = Away();
  *hosts.mutable_hosts(0)->mutable_facts() = Online().facts();
  AddApp(*hosts.mutable_hosts(0), "web", "running");
  EXPECT_THAT(HostListText(hosts, Now(), 0), HasSubstr("  1 running, last known\n"));
}

TEST(HostShow, HasATimeOnlyForWhatRuns) {
  v1::Host host = Online();
  AddApp(host, "web", "exited");
  EXPECT_THAT(Shown(host), HasSubstr("  exited  -\n"));
}

TEST(HostShow, KeepsToANarrowTerminal) {
  v1::Host host = Online();
  AddApp(host, "web", "running");
  const std::string text = HostText(host, Now(), absl::UTCTimeZone(), Style{.width = 40});
  EXPECT_THAT(text, HasSubstr("software worker 0.3.0, Docker 27.1.1,\n         linux/amd64\n"));
  EXPECT_THAT(text, HasSubstr("\nweb\n  project"));
}

TEST(HostShow, LetsNoNameGiveTheTerminalOrders) {
  v1::Host host = Online();
  host.set_added_by("x\x1b[2Jy");
  AddApp(host, "w\x1b[31mb", "running");
  EXPECT_THAT(Shown(host), Not(HasSubstr("\x1b")));
}

TEST(HostLine, SaysHowAHostIs) {
  EXPECT_EQ(HostLine(Online()),
            "dev-1 (dev-1:7421) is online: worker 0.3.0, Docker 27.1.1, linux/amd64");
  EXPECT_EQ(HostLine(Away()),
            "dev-2 (10.0.0.2:7421) is away: dev-2 does not answer (HOST_UNREACHABLE); connection "
            "refused");
}

TEST(HostProblemLine, HasTheReasonOfGrpcWithoutItsOtherWords) {
  v1::Host host = Away();
  host.mutable_problem()->set_evidence(
      0,
      "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to "
      "connect to remote host: Connection refused");
  EXPECT_EQ(
      HostProblemLine(host, Now()),
      "dev-2 is away for 1m04s: dev-2 does not answer (HOST_UNREACHABLE); Connection refused");
}

TEST(HostProblemLine, IsEmptyWhenAllIsWell) {
  EXPECT_EQ(HostProblemLine(Online(), Now()), "");
  EXPECT_EQ(
      HostProblemLine(Away(), Now()),
      "dev-2 is away for 1m04s: dev-2 does not answer (HOST_UNREACHABLE); connection refused");
}

}  // namespace
}  // namespace davit::output
