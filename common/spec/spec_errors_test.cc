// What can be wrong with a davit.yaml that is good YAML.
#include <gmock/gmock.h>

#include "common/spec/load_for_test.h"

namespace davit::spec {
namespace {

using ::testing::ElementsAre;

struct Case {
  std::string lines;    // of the app; its first is line 5
  std::string problem;  // the only one
};

class AppErrors : public ::testing::TestWithParam<Case> {};

TEST_P(AppErrors, AreNamedWithTheirPlace) {
  EXPECT_THAT(ProblemsOf(WithApp(GetParam().lines)), ElementsAre(GetParam().problem));
}

// An app that is good but for the lines given, which begin in line 6.
Case App(const std::string& lines, const std::string& problem) {
  return {"    image: nginx\n" + lines, problem};
}

Case Container(const std::string& line, const std::string& problem) {
  return App("    container:\n      " + line + "\n", problem);
}

INSTANTIATE_TEST_SUITE_P(
    UnknownKeys, AppErrors,
    ::testing::Values(
        App("    contaner: {}\n", "6:5 unknown key `contaner`; did you mean `container`?"),
        App("    dependsOn: []\n", "6:5 unknown key `dependsOn`; did you mean `depends_on`?"),
        App("    depends-on: []\n", "6:5 unknown key `depends-on`; did you mean `depends_on`?"),
        App("    ports: []\n", "6:5 unknown key `ports`; it belongs in `container`"),
        App("    http: {}\n", "6:5 unknown key `http`; it belongs in `healthcheck`"),
        App("    zebra: {}\n", "6:5 unknown key `zebra`"),
        Container("prots: []", "7:7 unknown key `prots`; did you mean `ports`?"),
        Container("volumes: [{source: a1, traget: /b, target: /c}]",
                  "7:30 unknown key `traget`; did you mean `target`?"),
        Container("ulimits: {nofile: {hrad: 1, hard: 1}}",
                  "7:26 unknown key `hrad`; did you mean `hard`?"),
        App("    healthcheck: {http: {port: 1, pth: /}}\n",
            "6:35 unknown key `pth`; did you mean `path`?"),
        App("    strategy: {tpye: recreate}\n", "6:16 unknown key `tpye`; did you mean `type`?"),
        App("    env: {clean: {}}\n", "6:11 unknown key `clean`; did you mean `clear`?")));

INSTANTIATE_TEST_SUITE_P(
    KeysOfOtherTools, AppErrors,
    ::testing::Values(
        App("    environment: {A: 1}\n",
            "6:5 unknown key `environment`; did you mean `env.clear`?"),
        App("    env: {A: 1}\n", "6:11 unknown key `A`; variables belong in `clear`"),
        App("    env: {variables: {A: 1}}\n",
            "6:11 unknown key `variables`; did you mean `clear`?"),
        App("    memory: 1g\n", "6:5 unknown key `memory`; did you mean `container.mem_limit`?"),
        App("    args: [x]\n", "6:5 unknown key `args`; did you mean `container.command`?"),
        App("    secrets: [x]\n", "6:5 unknown key `secrets`; did you mean `env.secret`?"),
        App("    secret: [x]\n", "6:5 unknown key `secret`; it belongs in `env`"),
        App("    context: .\n", "6:5 unknown key `context`; it belongs in `build`"),
        App("    env: {secrets: [A]}\n", "6:11 unknown key `secrets`; did you mean `secret`?"),
        App("    files: [{target: /a, content: a, user: '0'}]\n",
            "6:38 unknown key `user`; did you mean `owner`?"),
        App("    restart_policy: no\n",
            "6:5 unknown key `restart_policy`; did you mean `container.restart`?"),
        App("    readinessProbe: {}\n",
            "6:5 unknown key `readinessProbe`; did you mean `healthcheck`?"),
        Container("memory: 1g", "7:7 unknown key `memory`; did you mean `mem_limit`?"),
        App("    healthcheck: {test: [CMD, x]}\n", "6:19 unknown key `test`; did you mean `exec`?"),
        App("    strategy: {max_parallel: 2}\n",
            "6:16 unknown key `max_parallel`; did you mean `batch`?")));

INSTANTIATE_TEST_SUITE_P(
    KeysOfLaterVersions, AppErrors,
    ::testing::Values(
        App("    biuld: {}\n", "6:5 unknown key `biuld`; did you mean `build`?"),
        App("    strategy: {bake: 5s}\n", "6:16 `bake` is not supported yet by this version"),
        App("    strategy: {baek: 5s}\n",
            "6:16 unknown key `baek`; did you mean `bake`? It is not supported yet by this "
            "version"),
        App("    databases: [main]\n", "6:5 unknown key `databases`; did you mean `database`?"),
        App("    strategy: {type: blue_green}\n",
            "6:22 `blue_green` is not supported yet by this version: `type` must be `recreate`"),
        App("    strategy: {type: blue-green}\n",
            "6:22 `blue-green` is not supported yet by this version: `type` must be `recreate`"),
        App("    strategy: {type: rolling}\n", "6:22 `type` must be `recreate`")));

INSTANTIATE_TEST_SUITE_P(
    Types, AppErrors,
    ::testing::Values(
        App("    retain: many\n", "6:13 `retain` must be a whole number, not the text `many`"),
        App("    retain: 1.5\n", "6:13 `retain` must be a whole number, not the text `1.5`"),
        App("    retain: 99999999999\n",
            "6:13 `retain` must be a whole number, not the text `99999999999`"),
        App("    retain: [1]\n", "6:13 `retain` must be a whole number, not a list"),
        App("    container: x\n", "6:16 `container` must be a mapping, not the text `x`"),
        App("    env: []\n", "6:10 `env` must be a mapping, not a list"),
        App("    env: {secret: A}\n",
            "6:19 `secret` must be a mapping or a list, not the text `A`"),
        App("    env: {secret: [{A: B}]}\n",
            "6:20 an entry of `secret` must be a text, not a mapping"),
        App("    env: {secret: [A, B, A]}\n", "6:26 `A` is listed twice in `secret`"),
        App("    files: [{target: /a}]\n", "6:13 `content` is required"),
        App("    env: {clear: [A=b]}\n", "6:18 `clear` must be a mapping, not a list"),
        App("    env: {clear: {A: [b]}}\n", "6:22 `A` in `clear` must be a text, not a list"),
        App("    env: {clear: {A: }}\n",
            "6:19 `A` in `clear` has no value; an empty text is written \"\""),
        App("    pull_policy: {}\n", "6:18 `pull_policy` must be a text, not a mapping"),
        Container("command: run this", "7:16 `command` must be a list, not the text `run this`"),
        Container("ports: ['1:1', {a: b}]",
                  "7:22 an entry of `ports` must be a text, not a mapping"),
        Container("networks: [~]", "7:18 an entry of `networks` must be a text, not nothing"),
        Container("init: yes", "7:13 `init` must be true or false, not the text `yes`"),
        Container("cpus: lots", "7:13 `cpus` must be a number, not the text `lots`"),
        Container("cpus: .inf", "7:13 `cpus` must be a number, not the text `.inf`"),
        Container("mem_limit: 512m",
                  "7:18 `mem_limit` must be a size such as 512MiB, 1GiB or 100kB, not the text "
                  "`512m`"),
        Container("stop_grace_period: 10",
                  "7:26 `stop_grace_period` must be a duration such as 500ms, 10s, 2m or 1h30m, "
                  "not the text `10`"),
        Container("volumes: ['/a:/b']",
                  "7:17 an entry of `volumes` must be a mapping with `source` and `target`, not "
                  "the text `/a:/b`"),
        Container("ulimits: {nofile: lots}",
                  "7:25 `hard` must be a whole number, not the text `lots`"),
        Container("ulimits: {nofile: [1]}",
                  "7:25 `nofile` in `ulimits` must be a mapping with `hard`, not a list")));

INSTANTIATE_TEST_SUITE_P(
    Rules, AppErrors,
    ::testing::Values(
        App("    retain: 0\n", "6:13 `retain` must be from 1 to 100, not 0"),
        App("    retain: 101\n", "6:13 `retain` must be from 1 to 100, not 101"),
        App("    pull_policy: allways\n",
            "6:18 `pull_policy` must be `always`, `missing` or `never`; did you mean `always`?"),
        App("    env: {clear: {'1A': b}}\n",
            "6:19 the name `1A` in `clear` must be letters, digits and '_', not beginning with a "
            "digit"),
        App("    healthcheck: {http: {path: /}}\n", "6:19 `port` is required"),
        App("    healthcheck: {tcp: {port: 70000}}\n",
            "6:31 `port` must be from 1 to 65535, not 70000"),
        App("    healthcheck: {tcp: {port: 0}}\n", "6:31 `port` must be from 1 to 65535, not 0"),
        App("    healthcheck: {http: {port: 1, path: health}}\n",
            "6:41 `path` must be a path that begins with '/'"),
        App("    healthcheck: {http: {port: 1, status: ok}}\n",
            "6:43 `status` must be status codes and ranges such as \"200-299,304\""),
        App("    healthcheck: {http: {port: 1, status: 399-200}}\n",
            "6:43 a range of `status` ends before it begins"),
        App("    healthcheck: {exec: {command: []}}\n", "6:35 `command` must not be empty"),
        App("    healthcheck: {exec: {}}\n", "6:19 `command` is required"),
        App("    healthcheck: {http: {port: 1}, tcp: {port: 1}}\n",
            "6:36 only one of `http`, `tcp`, `exec` and `docker` can be given, here are `http` and "
            "`tcp`"),
        App("    healthcheck: {interval: 0s, timeout: 5s}\n",
            "6:29 `interval` must be more than 0"),
        App("    healthcheck: {timeout: -5s}\n", "6:28 `timeout` must be more than 0"),
        App("    healthcheck: {start_delay: 25h}\n", "6:32 `start_delay` must be less than 24h"),
        Container("restart: sometimes",
                  "7:16 `restart` must be no, always, unless-stopped, on-failure or on-failure:N"),
        Container("name: -x",
                  "7:13 `name` must be letters, digits, '_', '.' and '-', beginning with a letter "
                  "or digit"),
        Container("name: x", "7:13 `name` must have two characters at least"),
        Container("stop_grace_period: -1s", "7:26 `stop_grace_period` must not be negative"),
        Container("volumes: [{source: /a, target: /b, mode: 'rwx'}]",
                  "7:48 `mode` must be three or four octal digits in quotes, such as \"0755\""),
        Container("volumes: [{source: /a}]", "7:17 `target` is required")));

INSTANTIATE_TEST_SUITE_P(
    Meaning, AppErrors,
    ::testing::Values(
        Case{"    retain: 3\n", "4:3 `image` is required"},
        Case{"    image: ''\n", "5:5 `image` is required"},
        Case{"    image: Nginx\n",
             "5:12 `image` is no image reference: the repository must be lower case"},
        Case{"    image: 'nginx:'\n",
             "5:12 `image` is no image reference: the tag after ':' is empty"},
        Container("ports: ['80']",
                  "7:15 a published port is HOST_PORT:CONTAINER_PORT, such as \"8080:80\""),
        Container("ports: ['70000:80']", "7:15 the host port must be a number from 1 to 65535"),
        Container("ports: ['80:0']", "7:15 the container port must be a number from 1 to 65535"),
        Container("ports: ['80:80', '127.0.0.1:80:81']",
                  "7:24 host port 80/tcp is published twice"),
        Container("hostname: a_b-",
                  "7:17 `hostname` must be letters, digits, '-', '_' and '.', "
                  "beginning and ending with a letter or digit"),
        Container("labels: {davit.app: web}",
                  "7:16 labels that begin with `davit.` are Davit's own"),
        Container("networks: [front, front]", "7:25 the network `front` is listed twice"),
        App("    container: {networks: [host], ports: ['80:80']}\n",
            "6:42 `ports` are not published on the network `host`: there the container has the "
            "host's own ports; leave one of the two out"),
        App("    container: {networks: [none], ports: ['80:80']}\n",
            "6:42 `ports` are not published on the network `none`: there the container has no "
            "network; leave one of the two out"),
        Container("networks: [front, host]",
                  "7:17 the network `host` cannot be combined with others"),
        Container("extra_hosts: [db]",
                  "7:21 the address of an extra host must be IPv4, IPv6 or host-gateway"),
        Container("extra_hosts: ['db:300.0.0.1']",
                  "7:21 the address of an extra host must be IPv4, IPv6 or host-gateway"),
        Container("tmpfs: [run]", "7:15 `tmpfs` must be an absolute path"),
        Container("ulimits: {nofiles: 1}", "7:17 unknown limit `nofiles`; did you mean `nofile`?"),
        Container("ulimits: {nofile: {soft: 2, hard: 1}}", "7:32 `soft` must not be above `hard`"),
        Container("mem_limit: 1MiB", "7:18 `mem_limit` must be at least 6MiB, or 0 for none"),
        Container("cpus: -1", "7:13 `cpus` must not be negative"),
        Container("volumes: [{source: ./a, target: /b}]",
                  "7:26 `source` must be an absolute path or the name of a volume; the host knows "
                  "nothing of the file's directory"),
        Container("volumes: [{source: /a/../b, target: /b}]",
                  "7:26 `source` must not contain '..'"),
        Container("volumes: [{source: /a, target: b}]", "7:38 `target` must be an absolute path"),
        Container("volumes: [{source: /a, target: /}]",
                  "7:38 `target` must not be the root directory"),
        Container("volumes: [{source: /a, target: /b}, {source: /c, target: /b/}]",
                  "7:64 two mounts at `/b`"),
        App("    container: {tmpfs: [/run], volumes: [{source: /a, target: /run}]}\n",
            "6:25 two mounts at `/run`")));

INSTANTIATE_TEST_SUITE_P(
    Variables, AppErrors,
    ::testing::Values(
        Case{"    image: nginx:${UNSET}\n",
             "5:18 the variable `UNSET` is not set; export it, or give it a default with ':-'; "
             "one for the container to expand is `$${…}`"},
        Case{"    image: ${SET}${UNSET}\n",
             "5:18 the variable `UNSET` is not set; export it, or give it a default with ':-'; "
             "one for the container to expand is `$${…}`"},
        App("    env:\n      clear:\n        A: |\n          one\n          ${UNSET}\n",
            "10:11 the variable `UNSET` is not set; export it, or give it a default with ':-'; "
            "one for the container to expand is `$${…}`"),
        App("    env: {clear: {A: '${'}}\n", "6:23 the `${` has no `}`; a plain `${` is `$${`"),
        App("    env: {clear: {A: '${A-b}'}}\n",
            "6:23 a variable is ${NAME} or ${NAME:-default}; a plain `${` is `$${`"),
        App("    env: {clear: {A: '${}'}}\n",
            "6:23 a variable is ${NAME} or ${NAME:-default}; a plain `${` is `$${`"),
        App("    retain: ${SECRET}\n",
            "6:13 `retain` must be a whole number, not the text `${SECRET}`")));

}  // namespace
}  // namespace davit::spec
