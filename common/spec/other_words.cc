#include "common/spec/other_words.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "davit/v1/spec.pb.h"

namespace davit::spec {
namespace {

constexpr OtherWord kWords[] = {
    {"Project", "services", "apps"},
    {"Project", "containers", "apps"},
    {"Project", "name", "project"},
    {"Project", "stages", "environments"},
    {"Project", "registry", "registries"},
    {"Environment", "services", "apps"},
    {"Environment", "servers", "hosts"},
    {"Environment", "machines", "hosts"},
    {"Environment", "nodes", "hosts"},

    {"App", "environment", "env.clear"},
    {"App", "variables", "env.clear"},
    {"App", "secrets", "env.secret"},
    {"App", "envfile", "env_mounts"},
    {"App", "configs", "files"},
    {"App", "framework", "preset"},
    {"App", "dockerfile", "build.dockerfile"},
    {"App", "repository", "image"},
    {"App", "health", "healthcheck"},
    {"App", "livenessprobe", "healthcheck"},
    {"App", "readinessprobe", "healthcheck"},
    {"App", "imagepullpolicy", "pull_policy"},
    {"App", "links", "depends_on"},
    {"App", "updateconfig", "strategy"},
    {"App", "memory", "container.mem_limit"},
    {"App", "memorylimit", "container.mem_limit"},
    {"App", "cpu", "container.cpus"},
    {"App", "restartpolicy", "container.restart"},
    {"App", "containername", "container.name"},
    {"App", "args", "container.command"},
    {"App", "cmd", "container.command"},
    {"App", "expose", "container.ports"},
    {"App", "publish", "container.ports"},
    {"App", "mounts", "container.volumes"},
    {"App", "network", "container.networks"},
    {"App", "terminationgraceperiodseconds", "container.stop_grace_period"},

    {"Container", "memory", "mem_limit"},
    {"Container", "memorylimit", "mem_limit"},
    {"Container", "cpu", "cpus"},
    {"Container", "restartpolicy", "restart"},
    {"Container", "containername", "name"},
    {"Container", "args", "command"},
    {"Container", "cmd", "command"},
    {"Container", "expose", "ports"},
    {"Container", "publish", "ports"},
    {"Container", "mounts", "volumes"},
    {"Container", "networkmode", "networks"},
    {"Container", "stoptimeout", "stop_grace_period"},
    {"Container", "terminationgraceperiodseconds", "stop_grace_period"},

    {"Env", "environment", "clear"},
    {"Env", "variables", "clear"},
    {"Env", "vars", "clear"},
    {"Env", "plain", "clear"},
    {"Env", "public", "clear"},

    {"Env", "secrets", "secret"},
    {"Env", "private", "secret"},
    {"Env", "mandatory", "required"},
    {"Registry", "url", "server"},
    {"Registry", "host", "server"},
    {"Registry", "registry", "server"},
    {"Registry", "user", "username"},
    {"Registry", "login", "username"},
    {"Registry", "token", "password"},
    {"Build", "file", "dockerfile"},
    {"Build", "path", "context"},
    {"Build", "directory", "context"},
    {"Build", "buildargs", "args"},
    {"Build", "stage", "target"},
    {"Build", "registries", "push"},
    {"EnvMount", "path", "target"},
    {"EnvMount", "destination", "target"},
    {"EnvMount", "type", "format"},
    {"EnvMount", "user", "owner"},
    {"File", "path", "target"},
    {"File", "destination", "target"},
    {"File", "text", "content"},
    {"File", "template", "content"},
    {"File", "user", "owner"},
    {"Check", "cmd", "command"},
    {"Check", "run", "command"},
    {"Check", "onerror", "on_failure"},

    {"Healthcheck", "test", "exec"},
    {"Healthcheck", "cmd", "exec"},
    {"Healthcheck", "httpget", "http"},
    {"Healthcheck", "url", "http"},
    {"Healthcheck", "tcpsocket", "tcp"},
    {"Healthcheck", "retries", "attempts"},
    {"Healthcheck", "failurethreshold", "attempts"},
    {"Healthcheck", "successthreshold", "successes"},
    {"Healthcheck", "startperiod", "start_delay"},
    {"Healthcheck", "initialdelayseconds", "start_delay"},
    {"Healthcheck", "period", "interval"},
    {"Healthcheck", "periodseconds", "interval"},
    {"Healthcheck", "timeoutseconds", "timeout"},
    {"HttpProbe", "url", "path"},
    {"HttpProbe", "uri", "path"},
    {"HttpProbe", "host", "host_header"},
    {"HttpProbe", "code", "status"},
    {"HttpProbe", "statuscode", "status"},
    {"HttpProbe", "expectedstatus", "status"},
    {"ExecProbe", "test", "command"},
    {"ExecProbe", "cmd", "command"},

    {"Volume", "src", "source"},
    {"Volume", "host", "source"},
    {"Volume", "hostpath", "source"},
    {"Volume", "dst", "target"},
    {"Volume", "dest", "target"},
    {"Volume", "destination", "target"},
    {"Volume", "path", "target"},
    {"Volume", "mountpath", "target"},
    {"Volume", "ro", "read_only"},
    {"Logging", "opts", "options"},
    {"Logging", "type", "driver"},
    {"Strategy", "parallelism", "batch"},
    {"Strategy", "maxparallel", "batch"},
    {"Strategy", "maxunavailable", "batch"},
    {"Rollback", "auto", "automatic"},
    {"Rollback", "enabled", "automatic"},
};

}  // namespace

absl::Span<const OtherWord> OtherWords() { return kWords; }

absl::string_view KeyOfOtherTools(const google::protobuf::Descriptor& message,
                                  absl::string_view word) {
  if (message.file() != v1::App::descriptor()->file()) return "";
  const std::string plain =
      absl::StrReplaceAll(absl::AsciiStrToLower(word), {{"-", ""}, {"_", ""}});
  for (const OtherWord& other : kWords) {
    if (other.message == message.name() && other.word == plain) return other.key;
  }
  return "";
}

}  // namespace davit::spec
