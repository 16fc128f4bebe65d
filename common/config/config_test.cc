#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/config/checks.h"
#include "common/config/command_line.h"
#include "common/config/keys.h"
#include "common/schema/comments.h"
#include "common/spec/message_loader.h"
#include "common/spec/rules.h"
#include "davit/config/v1/config.pb.h"
#include "tests/support/temp_dir.h"

namespace davit::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Program WorkerProgram(std::string file = "/nonexistent/worker.yaml") {
  return {.name = "davit-worker",
          .about = "Works.",
          .version = "1.2.3",
          .prefix = "DAVIT_WORKER_",
          .file = std::move(file),
          .verbs = {{"backup", "FILE", "Where to.", "Saves."}},
          .check = CheckWorker};
}

// One run of the command line.
struct Outcome {
  v1::WorkerConfig config;
  CommandLine line;
  std::string out;
  std::string err;
};

Outcome RunWith(const std::vector<std::string>& arguments,
                const std::map<std::string, std::string>& variables = {},
                const Program& program = WorkerProgram()) {
  Outcome run;
  std::ostringstream out, err;
  const auto variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  run.line = ReadCommandLine(program, arguments, {out, err, variable}, &run.config);
  run.out = out.str();
  run.err = err.str();
  return run;
}

TEST(Configuration, HasDefaultsThatServe) {
  const Outcome run = RunWith({});
  EXPECT_EQ(run.line.exit_code, std::nullopt) << run.err;
  EXPECT_THAT(run.config.listen(), ElementsAre("unix:/run/davit/worker.sock"));
  EXPECT_EQ(run.config.state_directory(), "/var/lib/davit/worker");
  EXPECT_EQ(run.config.socket_mode(), "0600");
  EXPECT_EQ(run.config.log_level(), "info");
}

TEST(Configuration, TakesFlagsOverVariablesOverTheFile) {
  const test::TempDir directory;
  const std::string file = directory.Write(
      "worker.yaml", "log_level: error\nstate_directory: /file\ndocker_socket: /file.sock\n");
  const Outcome run = RunWith({"--config", file, "--state-directory", "/flag"},
                              {{"DAVIT_WORKER_STATE_DIRECTORY", "/variable"},
                               {"DAVIT_WORKER_DOCKER_SOCKET", "/variable.sock"},
                               {"DAVIT_WORKER_LOG_LEVEL", ""}});
  EXPECT_EQ(run.line.exit_code, std::nullopt) << run.err;
  EXPECT_EQ(run.config.state_directory(), "/flag");
  EXPECT_EQ(run.config.docker_socket(), "/variable.sock");
  EXPECT_EQ(run.config.log_level(), "error");
}

TEST(Configuration, ReadsTheProgramsFileOrTheOneAVariableNames) {
  const test::TempDir directory;
  const std::string usual = directory.Write("usual.yaml", "log_level: error\n");
  const std::string other = directory.Write("other.yaml", "log_level: debug\n");
  EXPECT_EQ(RunWith({}, {}, WorkerProgram(usual)).config.log_level(), "error");
  EXPECT_EQ(RunWith({}, {{"DAVIT_WORKER_CONFIG", other}}, WorkerProgram(usual)).config.log_level(),
            "debug");
  EXPECT_EQ(
      RunWith({}, {}, WorkerProgram(directory.Write("none.yaml", "# nothing\n"))).line.exit_code,
      std::nullopt);
}

TEST(Configuration, RefusesANamedFileThatCannotBeRead) {
  const test::TempDir directory;
  const Outcome absent = RunWith({"--config", directory.File("absent")});
  EXPECT_EQ(absent.line.exit_code, kBadConfiguration);
  EXPECT_THAT(absent.err, HasSubstr("absent: cannot be read: No such file or directory"));
  EXPECT_THAT(RunWith({"--config", directory.path()}).err, HasSubstr("cannot be read"));
}

TEST(Configuration, TakesListsWithCommasAndByRepeating) {
  const std::vector<std::string> both{"--listen", "unix:/a", "--listen", "unix:/b, unix:/c"};
  EXPECT_THAT(RunWith(both).config.listen(), ElementsAre("unix:/a", "unix:/b", "unix:/c"));
  EXPECT_THAT(RunWith({}, {{"DAVIT_WORKER_LISTEN", "unix:/a,unix:/b"}}).config.listen(),
              ElementsAre("unix:/a", "unix:/b"));
}

TEST(Configuration, SaysWhereInTheFileAMistakeIs) {
  const test::TempDir directory;
  const std::string file = directory.Write("w.yaml", "log_level: info\nlistn: [unix:/x]\n");
  const Outcome run = RunWith({"--config", file});
  EXPECT_EQ(run.line.exit_code, kBadConfiguration);
  EXPECT_EQ(run.err, absl::StrCat(file, ":2:1: unknown key `listn`; did you mean `listen`?\n",
                                  "  listn: [unix:/x]\n  ^\n"));
}

TEST(Configuration, NamesTheFlagOrVariableThatIsWrong) {
  EXPECT_THAT(RunWith({"--listen", "unix:/a,nonsense"}).err, HasSubstr("--listen: "));
  EXPECT_THAT(RunWith({"--log-level", "loud"}).err,
              HasSubstr("--log-level: `log_level` must be `debug`, `info`"));
  EXPECT_THAT(RunWith({}, {{"DAVIT_WORKER_SOCKET_MODE", "rw"}}).err,
              HasSubstr("DAVIT_WORKER_SOCKET_MODE: `socket_mode` must be three or four"));
  EXPECT_THAT(RunWith({"--socket-group", "no-such-group"}).err,
              HasSubstr("--socket-group: there is no group `no-such-group` on this machine; make "
                        "it with `groupadd --system no-such-group`, or remove `socket_group`"));
  EXPECT_THAT(RunWith({"--nonsense"}).err, HasSubstr("--nonsense"));
  EXPECT_EQ(RunWith({"--nonsense"}).line.exit_code, kBadConfiguration);
}

TEST(Configuration, WantsCertificatesForTcp) {
  const Outcome run = RunWith({"--listen", "0.0.0.0:7301", "--tls-ca-file", "/ca"});
  EXPECT_EQ(run.line.exit_code, kBadConfiguration);
  EXPECT_THAT(run.err, HasSubstr("`tls.cert_file` is needed"));
  EXPECT_THAT(run.err, HasSubstr("`tls.allow` is needed"));
  EXPECT_THAT(run.err, ::testing::Not(HasSubstr("`tls.ca_file` is needed")));
  EXPECT_EQ(RunWith({"--listen", "0.0.0.0:7301", "--tls-ca-file", "/ca", "--tls-cert-file", "/c",
                     "--tls-key-file", "/k", "--tls-allow", "controller"})
                .line.exit_code,
            std::nullopt);
}

TEST(Configuration, WantsAllFilesOfACertificate) {
  const Outcome run = RunWith({}, {{"DAVIT_WORKER_TLS_CERT_FILE", "/c"}});
  EXPECT_THAT(run.err, HasSubstr("`tls.key_file` is needed"));
}

TEST(Configuration, TakesNoAddressTwice) {
  EXPECT_THAT(RunWith({"--listen", "unix:/a,unix:/a"}).err, HasSubstr("twice"));
}

TEST(Configuration, TakesAFlagsDollarsAsTheyAre) {
  EXPECT_EQ(RunWith({"--state-directory", "/a${HOME}$$"}).config.state_directory(), "/a${HOME}$$");
}

TEST(PrintConfig, SaysWhereEachValueComesFromAndReadsBack) {
  const test::TempDir directory;
  const std::string file = directory.Write("w.yaml", "\ntls: {ca_file: /ca$$x}\nlog_level: error");
  const std::vector<std::string> arguments{
      "--config", file, "--print-config", "--tls-cert-file", "/c", "--state-directory", "/s t"};
  const Outcome run = RunWith(arguments, {{"DAVIT_WORKER_TLS_KEY_FILE", "/k"}});
  EXPECT_EQ(run.line.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("listen: [\"unix:/run/davit/worker.sock\"]  # default\n"));
  EXPECT_THAT(run.out, HasSubstr(absl::StrCat("  ca_file: \"/ca$$x\"  # ", file, ":2\n")));
  EXPECT_THAT(run.out, HasSubstr("  cert_file: \"/c\"  # --tls-cert-file\n"));
  EXPECT_THAT(run.out, HasSubstr("  key_file: \"/k\"  # DAVIT_WORKER_TLS_KEY_FILE\n"));
  const Outcome again = RunWith({"--config", directory.Write("again.yaml", run.out)});
  EXPECT_EQ(again.line.exit_code, std::nullopt) << again.err;
  EXPECT_EQ(again.config.DebugString(), run.config.DebugString());
}

TEST(PrintConfig, PrintsWhatThereIsAndThenWhatIsWrong) {
  const Outcome run =
      RunWith({"--print-config", "--listen", "0.0.0.0:7301", "--state-directory", "/s"});
  EXPECT_EQ(run.line.exit_code, kBadConfiguration);
  EXPECT_THAT(run.out, HasSubstr("state_directory: \"/s\"  # --state-directory\n"));
  EXPECT_THAT(run.out, HasSubstr("log_level: \"info\"  # default\n"));
  EXPECT_THAT(run.err, HasSubstr("`tls.cert_file` is needed"));
}

TEST(CommandLine, AnswersHelpAndVersion) {
  const Outcome help = RunWith({"--help"});
  EXPECT_EQ(help.line.exit_code, 0);
  for (const Key& key : KeysOf(*v1::WorkerConfig::descriptor(), "DAVIT_WORKER_")) {
    EXPECT_THAT(help.out, HasSubstr(key.flag));
    EXPECT_THAT(help.out, HasSubstr(key.variable));
  }
  EXPECT_THAT(help.out, HasSubstr("Socket of the Docker Engine."));
  EXPECT_THAT(help.out, HasSubstr("/usr/share/doc/davit-worker/configuration.md"));
  EXPECT_EQ(RunWith({"--version"}).out, "davit-worker 1.2.3\n");
}

TEST(CommandLine, TakesVerbsWithFlagsAroundThem) {
  const Outcome run = RunWith({"backup", "/to", "--state-directory", "/s"});
  EXPECT_EQ(run.line.verb, "backup");
  EXPECT_EQ(run.line.argument, "/to");
  EXPECT_EQ(run.config.state_directory(), "/s");
  EXPECT_EQ(RunWith({"backup"}).line.exit_code, kBadConfiguration);
  const Outcome around = RunWith({"--log-level", "error", "backup", "--socket-mode=0640", "/to",
                                  "--listen", "unix:/a", "--listen", "unix:/b"});
  EXPECT_EQ(around.line.exit_code, std::nullopt) << around.err;
  EXPECT_EQ(around.line.argument, "/to");
  EXPECT_EQ(around.config.log_level(), "error");
  EXPECT_EQ(around.config.socket_mode(), "0640");
  EXPECT_THAT(around.config.listen(), ElementsAre("unix:/a", "unix:/b"));
}

TEST(CommandLine, TakesTheFileAfterAVerb) {
  const test::TempDir directory;
  const std::string file = directory.Write("w.yaml", "state_directory: /file\n");
  EXPECT_EQ(RunWith({"backup", "/to", "--config", file}).config.state_directory(), "/file");
  EXPECT_EQ(RunWith({"--config", file, "backup", "/to"}).config.state_directory(), "/file");
}

TEST(CommandLine, ShowsInTheHelpOfAVerbWhatItTakes) {
  const Outcome help = RunWith({"backup", "--help"});
  EXPECT_EQ(help.line.exit_code, 0);
  for (const char* text : {"Saves.", "FILE", "Where to.", "--config", "--state-directory",
                           "[DAVIT_WORKER_STATE_DIRECTORY]", "2 bad configuration"}) {
    EXPECT_THAT(help.out, HasSubstr(text));
  }
}

TEST(CommandLine, SaysWhatWasNotExpectedAndWhatIsNear) {
  const Outcome verb = RunWith({"bakcup", "/to"});
  EXPECT_EQ(verb.line.exit_code, kBadConfiguration);
  EXPECT_THAT(verb.err, HasSubstr("not expected: bakcup /to; did you mean `backup`?\n"));
  EXPECT_THAT(RunWith({"--state-directroy=/s"}).err,
              HasSubstr("did you mean `--state-directory`?"));
  EXPECT_THAT(RunWith({"frobnicate", "x"}).err, HasSubstr("not expected: frobnicate x\n"));
}

std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The file with the lines that show defaults no longer commented out: prose has
// one blank after the '#'.
std::string Uncommented(const std::string& text) {
  std::string result;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool prose = line.size() > 2 && absl::StartsWith(line, "# ") && line[2] != ' ';
    if (!prose) absl::StrAppend(&result, absl::StripPrefix(line, "#"), "\n");
  }
  return result;
}

struct Daemon {
  const char* name;
  const google::protobuf::Descriptor* descriptor;
};

class EachDaemon : public ::testing::TestWithParam<Daemon> {
 protected:
  std::vector<Key> Keys() const { return KeysOf(*GetParam().descriptor, "DAVIT_"); }
  std::string Example() const {
    return ReadFile(absl::StrCat(DAVIT_SOURCE_DIR "/deploy/config/", GetParam().name, ".yaml"));
  }
  void ExpectLoads(const std::string& text, size_t values) const {
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(GetParam().descriptor)
            ->New());
    const spec::MessageResult result = spec::LoadMessage(text, {}, message.get());
    EXPECT_TRUE(result.ok()) << spec::FormatProblems("example", text, result.problems);
    EXPECT_EQ(result.origins.size(), values);
  }
};

TEST_P(EachDaemon, HasAnExampleFileThatLoadsOnAnyMachine) { ExpectLoads(Example(), 0); }

TEST_P(EachDaemon, HasAnExampleOfEveryKeyThatLoads) {
  ExpectLoads(Uncommented(Example()), Keys().size());
}

// One who copies a part from here and a part from there ends up with what fits.
TEST(Guides, TellOneStoryOfNamesPortsAndPlaces) {
  const std::string controller = ReadFile(DAVIT_SOURCE_DIR "/deploy/config/controller.yaml");
  const std::string worker = ReadFile(DAVIT_SOURCE_DIR "/deploy/config/worker.yaml");
  const std::string guide = ReadFile(DAVIT_SOURCE_DIR "/docs/install.md");
  for (const std::string& text : {controller, guide}) {
    EXPECT_THAT(text, HasSubstr("allow: [alice, ci]"));
    EXPECT_THAT(text, HasSubstr("  - 0.0.0.0:7300"));
    EXPECT_THAT(text, HasSubstr("cert_file: /etc/davit/tls/controller/tls.crt"));
  }
  for (const std::string& text : {worker, guide}) {
    EXPECT_THAT(text, HasSubstr("allow: [controller]"));
    EXPECT_THAT(text, HasSubstr("  - 0.0.0.0:7301"));
    EXPECT_THAT(text, HasSubstr("cert_file: /etc/davit/tls/worker/tls.crt"));
  }
}

TEST_P(EachDaemon, HasAGuideToEveryKey) {
  const std::string guide = ReadFile(DAVIT_SOURCE_DIR "/docs/configuration.md");
  for (const Key& key : Keys()) {
    const std::string row = absl::StrCat("| `", key.path, "` | `", key.flag, "` | `",
                                         absl::StripPrefix(key.variable, "DAVIT_"), "` | ");
    EXPECT_THAT(guide, HasSubstr(row));
  }
}

// The blocks between ```yaml and ``` that set up a daemon.
std::vector<std::string> ConfigurationsIn(const std::string& guide) {
  std::vector<std::string> blocks;
  for (absl::string_view part : absl::StrSplit(guide, "```yaml\n")) {
    const absl::string_view block = part.substr(0, part.find("```"));
    if (absl::StartsWith(block, "listen:")) blocks.emplace_back(block);
  }
  return blocks;
}

TEST_P(EachDaemon, HasAGuideToItsInstallationThatLoads) {
  const auto blocks = ConfigurationsIn(ReadFile(DAVIT_SOURCE_DIR "/docs/install.md"));
  ASSERT_EQ(blocks.size(), 2u);
  for (const std::string& block : blocks) ExpectLoads(block, 5);
}

TEST_P(EachDaemon, HasACommentAtEveryKey) {
  for (const Key& key : Keys()) EXPECT_NE(schema::CommentOf(*key.field), "") << key.path;
}

INSTANTIATE_TEST_SUITE_P(Daemons, EachDaemon,
                         ::testing::Values(Daemon{"controller", v1::ControllerConfig::descriptor()},
                                           Daemon{"worker", v1::WorkerConfig::descriptor()}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace davit::config
