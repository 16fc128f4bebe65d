#include "common/spec/loader.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What is set is set so; what the text format leaves out is the default.
std::string Differences(const google::protobuf::Message& actual, const std::string& expected) {
  std::unique_ptr<google::protobuf::Message> message(actual.New());
  if (!google::protobuf::TextFormat::ParseFromString(expected, message.get())) return "bad text";
  std::string report;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  differencer.Compare(*message, actual);
  return report;
}

// The app `web` of a file that must be good.
v1::App Web(absl::string_view lines) {
  const LoadResult result = Load(WithApp(lines));
  EXPECT_THAT(ProblemsOf(WithApp(lines)), IsEmpty());
  return result.specs.empty() ? v1::App() : result.specs[0].apps().at("web");
}

TEST(LoadProject, FillsInTheDefaultsOfTheSmallestFile) {
  const LoadResult result = Load(WithApp("    image: nginx\n"));
  ASSERT_THAT(ProblemsOf(WithApp("    image: nginx\n")), IsEmpty());
  EXPECT_EQ(result.project, "shop");
  ASSERT_THAT(result.specs, SizeIs(1));
  EXPECT_EQ(Differences(result.specs[0], R"pb(
              project: "shop"
              environment: "dev"
              hosts: "local"
              apps {
                key: "web"
                value {
                  image: "nginx"
                  container {
                    restart: "unless-stopped"
                    stop_grace_period { seconds: 10 }
                  }
                  strategy { type: "recreate" batch: 1 }
                  rollback { automatic: true }
                  retain: 5
                }
              })pb"),
            "");
}

TEST(LoadProject, ReadsEveryPropertyOfAContainer) {
  const v1::App app = Web(R"(    image: nginx
    container:
      name: shop.web_1
      command: [serve, --port, 8000]
      entrypoint: [/entry]
      user: "1000:1000"
      hostname: web
      init: true
      tmpfs: ["/run:size=64m", /tmp]
      ulimits: {nofile: 65536, nproc: {soft: 100, hard: 200}, core: 0}
      cap_add: [NET_ADMIN]
      cap_drop: [ALL]
      read_only: true
      logging: {driver: journald, options: {tag: web}}
      labels: {com.example.team: a, tier: 1}
      ports: ["8000:80", "127.0.0.1:8443:443/tcp", 53:53/udp]
      networks: [front, back]
      extra_hosts: [host.docker.internal:host-gateway, "db:10.0.0.5", "six:fd00::1"]
      volumes:
        - {source: /srv/media, target: /app/media, read_only: true, owner: 1000:1000, mode: "0700"}
        - {source: data, target: /data}
      restart: on-failure:3
      stop_grace_period: 1m30s
      mem_limit: 512MiB
      cpus: 1.5
)");
  EXPECT_EQ(Differences(app.container(), R"pb(
              name: "shop.web_1"
              command: "serve"
              command: "--port"
              command: "8000"
              entrypoint: "/entry"
              user: "1000:1000"
              hostname: "web"
              init: true
              tmpfs: "/run:size=64m"
              tmpfs: "/tmp"
              ulimits {
                key: "nofile"
                value { hard: 65536 }
              }
              ulimits {
                key: "nproc"
                value { soft: 100 hard: 200 }
              }
              ulimits {
                key: "core"
                value {}
              }
              cap_add: "NET_ADMIN"
              cap_drop: "ALL"
              read_only: true
              logging {
                driver: "journald"
                options { key: "tag" value: "web" }
              }
              labels { key: "com.example.team" value: "a" }
              labels { key: "tier" value: "1" }
              ports: "8000:80"
              ports: "127.0.0.1:8443:443/tcp"
              ports: "53:53/udp"
              networks: "front"
              networks: "back"
              extra_hosts: "host.docker.internal:host-gateway"
              extra_hosts: "db:10.0.0.5"
              extra_hosts: "six:fd00::1"
              volumes {
                source: "/srv/media"
                target: "/app/media"
                read_only: true
                owner: "1000:1000"
                mode: "0700"
              }
              volumes { source: "data" target: "/data" owner: "auto" mode: "0755" }
              restart: "on-failure:3"
              stop_grace_period { seconds: 90 }
              mem_limit: 536870912
              cpus: 1.5)pb"),
            "");
}

TEST(LoadProject, ReadsAHealthcheckAndItsDefaults) {
  EXPECT_EQ(Differences(Web(R"(    image: nginx
    healthcheck: {http: {port: 8000}, start_delay: 500ms, interval: 1h30m}
)")
                            .healthcheck(),
                        R"pb(http { path: "/" port: 8000 status: "200-399" scheme: "http" }
                             start_delay { nanos: 500000000 }
                             attempts: 20
                             interval { seconds: 5400 }
                             timeout { seconds: 5 }
                             successes: 1)pb"),
            "");
  EXPECT_TRUE(Web("    image: nginx\n    healthcheck: {docker: {}}\n").healthcheck().has_docker());
  EXPECT_FALSE(Web("    image: nginx\n").has_healthcheck());
}

TEST(LoadProject, TakesAnEmptyTextForANumberAsAbsent) {
  const v1::App app =
      Web("    image: nginx\n    retain: ${EMPTY}\n    extends: ''\n"
          "    container: {mem_limit: '', cpus: ''}\n");
  EXPECT_EQ(app.retain(), 5);
  EXPECT_EQ(app.container().mem_limit(), 0);
}

TEST(LoadProject, LeavesTheUsersOwnKeysAlone) {
  EXPECT_THAT(ProblemsOf("project: shop\nx-base: &base {image: nginx, x-note: '${UNSET}'}\n"
                         "x-other: [1, {a: }]\n"
                         "apps: {web: {<<: *base, container: {x-why: because}}}\n"
                         "environments: {dev: {x-owner: me}}\n"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf("project: shop\napps: {x-web: {image: nginx}}\nenvironments: {dev: }\n"),
              IsEmpty());
}

TEST(LoadProject, GivesSpecsByName) {
  const LoadResult all = Load(
      "project: shop\napps: {web: {image: nginx}}\n"
      "environments: {prod: {hosts: [b, a]}, dev: {}}\n");
  ASSERT_THAT(all.specs, SizeIs(2));
  EXPECT_EQ(all.specs[0].environment(), "dev");
  EXPECT_EQ(all.specs[1].environment(), "prod");
  EXPECT_THAT(all.specs[1].hosts(), ElementsAre("b", "a"));
}

TEST(LoadProject, ReadsOnlyTheEnvironmentAskedFor) {
  const std::string text =
      "project: shop\napps: {web: {image: nginx}}\n"
      "environments: {prod: {apps: {web: {image: '${UNSET}'}}}, dev: {}}\n";
  const LoadResult result = Load(text, "dev");
  EXPECT_TRUE(result.ok());
  ASSERT_THAT(result.specs, SizeIs(1));
  EXPECT_EQ(result.specs[0].environment(), "dev");
  EXPECT_THAT(ProblemsOf(text), ElementsAre("3:44 the variable `UNSET` is not set; export it, or "
                                            "give it a default with ':-'; one for the "
                                            "container to expand is `$${…}`"));
  EXPECT_THAT(ProblemsOf(text, "prd"),
              ElementsAre("0:0 no environment `prd` in `environments`; did you mean `prod`?"));
}

}  // namespace
}  // namespace davit::spec
