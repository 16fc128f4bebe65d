#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "absl/synchronization/mutex.h"
#include "client/commands/secrets/local_secrets.h"
#include "client/commands/testing/test_program.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/server.h"
#include "davit/v1/secret_service.grpc.pb.h"

namespace davit::commands {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Keeps what it is told, and answers as the test says.
class ScriptedSecrets final : public v1::SecretService::Service {
 public:
  absl::Status error;
  v1::ListSecretsResponse secrets;

  std::vector<v1::SetSecretRequest> set() {
    absl::MutexLock lock(&mutex_);
    return set_;
  }
  std::vector<v1::RemoveSecretRequest> removed() {
    absl::MutexLock lock(&mutex_);
    return removed_;
  }
  std::vector<v1::ListSecretsRequest> listed() {
    absl::MutexLock lock(&mutex_);
    return listed_;
  }

  grpc::Status SetSecret(grpc::ServerContext*, const v1::SetSecretRequest* request,
                         v1::SetSecretResponse* response) override {
    absl::MutexLock lock(&mutex_);
    set_.push_back(*request);
    response->mutable_secret()->set_name(request->name());
    response->mutable_secret()->set_version(3);
    response->set_changed(true);
    return ToGrpcStatus(error);
  }
  grpc::Status ListSecrets(grpc::ServerContext*, const v1::ListSecretsRequest* request,
                           v1::ListSecretsResponse* response) override {
    absl::MutexLock lock(&mutex_);
    listed_.push_back(*request);
    *response = secrets;
    return ToGrpcStatus(error);
  }
  grpc::Status RemoveSecret(grpc::ServerContext*, const v1::RemoveSecretRequest* request,
                            v1::RemoveSecretResponse*) override {
    absl::MutexLock lock(&mutex_);
    removed_.push_back(*request);
    return ToGrpcStatus(error);
  }

 private:
  absl::Mutex mutex_;
  std::vector<v1::SetSecretRequest> set_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::RemoveSecretRequest> removed_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::ListSecretsRequest> listed_ ABSL_GUARDED_BY(mutex_);
};

class SecretVerbs : public ProgramTest {
 protected:
  SecretVerbs() {
    Write(R"(project: shop
apps:
  web: {image: shop/web, env: {secret: [TOKEN]}}
environments:
  dev: {hosts: [dev-1]}
  prod: {hosts: [prod-1]}
)");
    address_ = "unix:" + directory_ + "/s";
    auto server =
        Server::Start({.listen = {UnixAddress(directory_ + "/s")}, .services = {&secrets_}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    variables_["DAVIT_CONTROLLER"] = address_;
  }

  // The program with `input` on its standard input.
  int RunWith(const std::string& input, const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    std::thread writing([&] {
      EXPECT_EQ(write(ends[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
      close(ends[1]);
    });
    const int exit_code = RunFrom(ends[0], arguments);
    writing.join();
    close(ends[0]);
    return exit_code;
  }
  int RunFrom(int descriptor, const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    Invocation invocation{.out = out_,
                          .err = err_,
                          .variable = [this](const std::string& name) { return Variable(name); },
                          .in_descriptor = descriptor};
    return RunCommandLine(arguments, invocation);
  }
  std::optional<std::string> Variable(const std::string& name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::nullopt : std::optional(found->second);
  }

  ScriptedSecrets secrets_;
  std::unique_ptr<Server> server_;
  std::string address_;
};

TEST_F(SecretVerbs, SetsWhatComesOnStandardInputWithoutItsLastNewline) {
  EXPECT_EQ(RunWith("line one\nline two\n\n", {"secrets", "set", "TOKEN", "-e", "dev"}), 0)
      << err_.str();
  const auto set = secrets_.set();
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set[0].value(), "line one\nline two\n");
  EXPECT_EQ(set[0].project(), "shop");
  EXPECT_EQ(set[0].environment(), "dev");
  EXPECT_EQ(set[0].name(), "TOKEN");
  EXPECT_THAT(set[0].set_by(), HasSubstr("@"));
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("TOKEN of dev: version 3 is set"), Not(HasSubstr("line one"))));
}

TEST_F(SecretVerbs, SetsASecretOfTheWholeProjectWithoutAnEnvironment) {
  EXPECT_EQ(RunWith("value", {"secrets", "set", "TOKEN"}), 0) << err_.str();
  EXPECT_EQ(secrets_.set().at(0).environment(), "");
  EXPECT_EQ(secrets_.set().at(0).value(), "value");
  EXPECT_THAT(err_.str(), HasSubstr("TOKEN of project shop"));
}

TEST_F(SecretVerbs, AdvisesTheCommandThatSetsTheSameSecret) {
  std::filesystem::copy("davit.yaml", "my shop.yaml");
  EXPECT_EQ(RunWith("", {"secrets", "set", "TOKEN", "-e", "dev", "-f", "my shop.yaml"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("davit secrets set TOKEN -e dev -f 'my shop.yaml' < FILE"));
}

TEST_F(SecretVerbs, RefusesWhatIsTooLongOrBlank) {
  const std::string most(size_t{64} << 10, 'x');
  for (const auto& [value, says] : std::vector<std::pair<std::string, std::string>>{
           {most + "x", "the value has more than 65536 bytes"},
           {std::string(66000, 'x'), "the value has more than 65536 bytes"},
           {" \t\n  \r\n", "the value has nothing but blanks"},
           {"", "the value is empty"},
           {"\n", "the value is empty"}}) {
    EXPECT_EQ(RunWith(value, {"secrets", "set", "TOKEN"}), 2);
    EXPECT_THAT(err_.str(), HasSubstr(says));
  }
  EXPECT_THAT(secrets_.set(), IsEmpty());
  EXPECT_EQ(RunWith(most + "\r\n", {"secrets", "set", "TOKEN"}), 0) << err_.str();
  EXPECT_EQ(secrets_.set().at(0).value(), most);
}

TEST_F(SecretVerbs, TakesALineEndOfWindowsForOne) {
  EXPECT_EQ(RunWith("value\r\n", {"secrets", "set", "TOKEN"}), 0) << err_.str();
  EXPECT_EQ(secrets_.set().at(0).value(), "value");
}

TEST_F(SecretVerbs, TellsOfANameThatTheFileDoesNotKnow) {
  EXPECT_EQ(RunWith("value", {"secrets", "set", "TOKNE", "-e", "dev"}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("note: davit.yaml refers to no secret TOKNE in dev; did you "
                                    "mean `TOKEN`?\n"));
  EXPECT_EQ(RunWith("value", {"secrets", "set", "TOKEN"}), 0);
  EXPECT_THAT(err_.str(), Not(HasSubstr("note:")));
  EXPECT_EQ(RunWith("value", {"secrets", "set", "TOKNE", "-q"}), 0);
  EXPECT_THAT(err_.str(), Not(HasSubstr("note:")));
}

TEST_F(SecretVerbs, TakesNoValueFromTheCommandLineAndDoesNotRepeatIt) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"secrets", "set", "TOKEN", "hunter2"},
        {"secrets", "set", "TOKEN=hunter2"},
        {"secrets", "set", "TOKEN", "--value", "hunter2"},
        {"secrets", "set", "TOKEN", "--json", "--value=hunter2"}}) {
    EXPECT_EQ(RunWith("value", arguments), 2);
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("every user of this machine can read it"),
                                  Not(HasSubstr("hunter2"))));
    EXPECT_THAT(out_.str(), Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(secrets_.set(), IsEmpty());
}

TEST_F(SecretVerbs, KnowsTheProjectsEnvironments) {
  EXPECT_EQ(RunWith("value", {"secrets", "set", "TOKEN", "-e", "prd"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean `prod`?"));
  EXPECT_THAT(secrets_.set(), IsEmpty());
}

TEST_F(SecretVerbs, TellsWhyTheControllerRefuses) {
  secrets_.error = FailureStatus(v1::SPEC_INVALID, "the value has 2 bytes");
  EXPECT_EQ(RunWith("ab", {"secrets", "set", "TOKEN"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("the value has 2 bytes"));
}

TEST_F(SecretVerbs, AsksAtATerminalAndShowsNothingOfTheAnswer) {
  int terminal = 0;
  int program = 0;
  ASSERT_EQ(openpty(&terminal, &program, nullptr, nullptr, nullptr), 0);
  // The answer is typed once nothing that is typed is shown.
  std::thread typing([&] {
    termios mode{};
    do {
      ASSERT_EQ(tcgetattr(program, &mode), 0);
      std::this_thread::yield();
    } while ((mode.c_lflag & ECHO) != 0);
    ASSERT_EQ(write(terminal, "typed value\n", 12), 12);
  });
  EXPECT_EQ(RunFrom(program, {"secrets", "set", "TOKEN", "-e", "dev"}), 0) << err_.str();
  typing.join();
  EXPECT_EQ(secrets_.set().at(0).value(), "typed value");
  EXPECT_THAT(err_.str(), HasSubstr("Value of TOKEN of dev (it is not shown): "));
  std::array<char, 256> shown{};
  fcntl(terminal, F_SETFL, O_NONBLOCK);
  const ssize_t length = read(terminal, shown.data(), shown.size());
  EXPECT_THAT(std::string(shown.data(), length > 0 ? length : 0), Not(HasSubstr("typed")));
  termios after{};
  ASSERT_EQ(tcgetattr(program, &after), 0);
  EXPECT_NE(after.c_lflag & ECHO, 0u);
  close(terminal);
  close(program);
}

TEST_F(SecretVerbs, ListsNamesEnvironmentsVersionsAndWho) {
  v1::Secret& secret = *secrets_.secrets.add_secrets();
  secret.set_name("TOKEN");
  secret.set_version(4);
  secret.set_set_by("ann@desk");
  secret.mutable_set_time()->set_seconds(1'800'000'000);
  v1::Secret& own = *secrets_.secrets.add_secrets();
  own = secret;
  own.set_environment("dev");
  EXPECT_EQ(Run({"secrets", "list", "-e", "dev"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("NAME"), HasSubstr("TOKEN  (all)        4"),
                                HasSubstr("TOKEN  dev          4"), HasSubstr("ann@desk"),
                                HasSubstr("2027-01-1")));
  EXPECT_EQ(secrets_.listed().at(0).environment(), "dev");
  EXPECT_EQ(Run({"secrets", "--json"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr(R"("version")"));
}

TEST_F(SecretVerbs, SaysThatThereAreNone) {
  EXPECT_EQ(Run({"secrets", "list"}), 0);
  EXPECT_EQ(out_.str(), "no secrets; set one with `davit secrets set NAME`\n");
  EXPECT_EQ(Run({"secrets", "list", "--json"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "{\n \"secrets\": []\n}\n");
  EXPECT_EQ(Run({"secrets", "list", "-e", "dev", "--controller", address_}), 0);
  EXPECT_THAT(out_.str(),
              HasSubstr("`davit secrets set NAME -e dev --controller " + address_ + "`\n"));
}

TEST_F(SecretVerbs, RemovesThatOfTheEnvironmentOrTheProject) {
  EXPECT_EQ(Run({"secrets", "remove", "TOKEN", "-e", "dev"}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("TOKEN of dev is forgotten"));
  EXPECT_EQ(Run({"secrets", "remove", "TOKEN"}), 0);
  const auto removed = secrets_.removed();
  ASSERT_EQ(removed.size(), 2u);
  EXPECT_EQ(removed[0].environment(), "dev");
  EXPECT_EQ(removed[1].environment(), "");
}

class LocalSecrets : public SecretVerbs {
 protected:
  absl::Status Set(bool local, const v1::EnvironmentSpec& spec) {
    Invocation invocation{.out = out_, .err = err_, .variable = [this](const std::string& name) {
                            return Variable(name);
                          }};
    invocation.common.local = local;
    Connection connection([this] { return Endpoint{.address = *ParseAddress(address_)}; }, "");
    const absl::Status reopened = connection.Reopen();
    return reopened.ok() ? SetLocalSecrets(invocation, connection, spec) : reopened;
  }
  static v1::EnvironmentSpec Spec() {
    v1::EnvironmentSpec spec;
    spec.set_project("shop");
    spec.set_environment("dev");
    (*(*spec.mutable_apps())["web"].mutable_env()->mutable_secret())["A"] = "TOKEN";
    (*(*spec.mutable_apps())["api"].mutable_env()->mutable_secret())["B"] = "TOKEN";
    (*spec.mutable_registries())["main"].mutable_password()->set_secret("REGISTRY");
    return spec;
  }
};

TEST_F(LocalSecrets, AreThoseThatTheEnvironmentRefersTo) {
  variables_["DAVIT_SECRET_TOKEN"] = "the token";
  variables_["DAVIT_SECRET_REGISTRY"] = "the password";
  variables_["DAVIT_SECRET_ANOTHER"] = "of another project";
  ASSERT_TRUE(Set(true, Spec()).ok());
  const auto set = secrets_.set();
  ASSERT_EQ(set.size(), 2u);
  EXPECT_EQ(set[0].name(), "REGISTRY");
  EXPECT_EQ(set[1].name(), "TOKEN");
  EXPECT_EQ(set[1].value(), "the token");
  EXPECT_EQ(set[1].environment(), "dev");
  EXPECT_TRUE(set[1].only_if_changed());
  EXPECT_THAT(set[1].set_by(), HasSubstr("(DAVIT_SECRET_TOKEN)"));
}

TEST_F(LocalSecrets, AreNotSentToAController) {
  variables_["DAVIT_SECRET_TOKEN"] = "the token";
  ASSERT_TRUE(Set(false, Spec()).ok());
  EXPECT_THAT(secrets_.set(), IsEmpty());
}

TEST_F(LocalSecrets, AreNotBlank) {
  variables_["DAVIT_SECRET_TOKEN"] = "    ";
  const absl::Status status = Set(true, Spec());
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << status;
  EXPECT_THAT(secrets_.set(), IsEmpty());
}

TEST_F(LocalSecrets, SayWhichVariableIsRefused) {
  variables_["DAVIT_SECRET_TOKEN"] = "abc";
  secrets_.error = FailureStatus(v1::SPEC_INVALID, "the value has 3 bytes");
  const absl::Status status = Set(true, Spec());
  EXPECT_THAT(FailureOf(status).evidence(),
              ElementsAre("the value is that of the variable DAVIT_SECRET_TOKEN"));
}

}  // namespace
}  // namespace davit::commands
