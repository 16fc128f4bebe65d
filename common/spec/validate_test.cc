#include <gmock/gmock.h>

#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::EnvironmentSpec Good() {
  const LoadResult result = Load(WithApp("    image: nginx\n    healthcheck: {tcp: {port: 1}}\n"));
  EXPECT_TRUE(result.ok());
  return result.specs[0];
}

v1::App& Web(v1::EnvironmentSpec& spec) { return (*spec.mutable_apps())["web"]; }

TEST(ValidateEnvironment, HasNothingAgainstWhatTheLoaderMakes) {
  EXPECT_THAT(ValidateEnvironment(Good()), IsEmpty());
}

TEST(ValidateEnvironment, NamesTheIdentityThatIsMissing) {
  EXPECT_THAT(
      ValidateEnvironment({}),
      ElementsAre("apps: no app lives in this environment",
                  "environment: the name `` in `environments` must be 1 to 40 lower-case "
                  "letters, digits and dashes, neither first nor last a dash",
                  "hosts: `hosts` must not be empty", "project: `project` must not be empty"));
}

TEST(ValidateEnvironment, NamesEachProblemByItsPath) {
  v1::EnvironmentSpec spec = Good();
  spec.add_hosts("local");
  v1::App& web = Web(spec);
  web.set_retain(0);
  web.set_pull_policy("sometimes");
  web.add_depends_on("db");
  web.mutable_container()->add_ports("80");
  web.mutable_container()->set_restart("x");
  (*web.mutable_container()->mutable_labels())["davit.step"] = "1";
  web.mutable_container()->add_volumes()->set_source("/a");
  web.mutable_healthcheck()->clear_interval();
  web.mutable_healthcheck()->mutable_tcp()->set_port(70000);
  web.mutable_healthcheck()->mutable_docker();
  (*spec.mutable_apps())["Bad"].set_image("nginx");
  EXPECT_THAT(
      ValidateEnvironment(spec),
      ElementsAre(
          "apps.Bad: the name `Bad` in `apps` must be 1 to 40 lower-case letters, digits and "
          "dashes, neither first nor last a dash",
          "apps.Bad.retain: `retain` must be from 1 to 100, not 0",
          "apps.web.container.labels[\"davit.step\"]: labels that begin with `davit.` are Davit's "
          "own",
          "apps.web.container.ports[0]: a published port is HOST_PORT:CONTAINER_PORT, such as "
          "\"8080:80\"",
          "apps.web.container.restart: `restart` must be no, always, unless-stopped, on-failure or "
          "on-failure:N",
          "apps.web.container.volumes[0].target: `target` must not be empty",
          "apps.web.depends_on[0]: no app `db` in this environment",
          "apps.web.healthcheck.docker: only one of `http`, `tcp`, `exec` and `docker` can be "
          "given, here are `tcp` and `docker`",
          "apps.web.healthcheck.interval: `interval` must be more than 0",
          "apps.web.healthcheck.tcp.port: `port` must be from 1 to 65535, not 70000",
          "apps.web.pull_policy: `pull_policy` must be `always`, `missing` or `never`",
          "apps.web.retain: `retain` must be from 1 to 100, not 0",
          "hosts[1]: the host `local` is listed twice"));
}

TEST(ValidateEnvironment, CoversVariablesFilesChecksAndRegistries) {
  v1::EnvironmentSpec spec = Good();
  v1::App& web = Web(spec);
  (*web.mutable_env()->mutable_clear())["A"] = "line\nbreak";
  (*web.mutable_env()->mutable_secret())["A"] = "A";
  (*web.mutable_env()->mutable_secret())["B"] = "no name";
  web.mutable_env()->add_required("C");
  v1::EnvMount& mount = *web.add_env_mounts();
  mount.set_target("/a");
  mount.set_format("docker");
  mount.set_owner("auto");
  mount.set_mode("0400");
  v1::File& file = *web.add_files();
  file.set_target("/a/b");
  file.set_content("{{D}}");
  file.set_owner("root");
  web.add_checks()->set_name("x");
  web.mutable_build()->set_context("/");
  web.mutable_build()->set_dockerfile("Dockerfile");
  web.mutable_build()->add_push("hub");
  (*spec.mutable_registries())["own"].set_server("https://r.io");
  std::vector<std::string> paths;
  for (const std::string& problem : ValidateEnvironment(spec)) {
    paths.push_back(problem.substr(0, problem.find(": ")));
  }
  EXPECT_THAT(
      paths,
      ElementsAre("apps.web.build.context", "apps.web.build.push[0]", "apps.web.checks[0].command",
                  "apps.web.checks[0].timeout", "apps.web.env.clear.A", "apps.web.env.required[0]",
                  "apps.web.env.secret.A", "apps.web.env.secret.B", "apps.web.files[0].content",
                  "apps.web.files[0].mode", "apps.web.files[0].owner", "apps.web.files[0].target",
                  "registries.own.password", "registries.own.server", "registries.own.username"));
}

TEST(ValidateEnvironment, NamesTwentyMissingVariablesAtOnce) {
  v1::EnvironmentSpec spec = Good();
  for (int i = 0; i < 20; ++i) Web(spec).mutable_env()->add_required(absl::StrCat("V", i));
  EXPECT_EQ(ValidateEnvironment(spec).size(), 20u);
}

TEST(ValidateEnvironment, IsNotHarmedByHostileTexts) {
  v1::EnvironmentSpec spec = Good();
  spec.set_project(std::string(1 << 20, 'a'));
  (*Web(spec).mutable_env()->mutable_clear())[std::string(1 << 20, 'A')] = "x";
  Web(spec).mutable_container()->add_extra_hosts(std::string("a:1.2.3.4\0", 10));
  Web(spec).mutable_healthcheck()->mutable_http()->set_path("/" + std::string(1 << 20, 'a'));
  Web(spec).add_files()->set_target(std::string(1 << 20, '/'));
  Web(spec).mutable_files(0)->set_content("{{" + std::string(1 << 20, '{'));
  Web(spec).mutable_env()->add_required(std::string(1 << 20, 'A'));
  (*spec.mutable_registries())["a"].set_server(std::string(1 << 20, '['));
  const std::vector<std::string> problems = ValidateEnvironment(spec);
  EXPECT_THAT(problems, ::testing::Contains("project: `project` is longer than 1024 bytes"));
  EXPECT_GE(problems.size(), 5u);
}

TEST(ValidateEnvironment, FollowsALongChainOfDependencies) {
  v1::EnvironmentSpec spec = Good();
  const v1::App good = Web(spec);
  constexpr int kApps = 10000;
  for (int i = 0; i < kApps; ++i) {
    v1::App& app = (*spec.mutable_apps())[absl::StrCat("a", i)];
    app.set_image("nginx");
    app.set_retain(1);
    app.add_depends_on(absl::StrCat("a", (i + 1) % kApps));
  }
  EXPECT_THAT(ValidateEnvironment(spec),
              ElementsAre("apps.a0.depends_on[0]: `depends_on` goes round in a circle: `a0` → `a1` "
                          "→ `a2` → `a3` → `a4` → `a5` → `a6` → `a7` → … → `a0`"));
}

}  // namespace
}  // namespace davit::spec
