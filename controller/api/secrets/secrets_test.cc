#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/testing/test_controller.h"

namespace davit::api {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class SecretsTest : public ::testing::Test {
 protected:
  static v1::SetSecretRequest Request(const std::string& environment, const std::string& name,
                                      const std::string& value) {
    v1::SetSecretRequest request;
    request.set_project("shop");
    request.set_environment(environment);
    request.set_name(name);
    request.set_value(value);
    request.set_set_by("ann@desk");
    return request;
  }
  absl::Status Set(const v1::SetSecretRequest& request) {
    const auto context = Patiently();
    return FromGrpcStatus(controller_.secrets().SetSecret(context.get(), request, &set_));
  }
  absl::Status Set(const std::string& environment, const std::string& name,
                   const std::string& value) {
    return Set(Request(environment, name, value));
  }
  // As project/environment/name@version.
  std::vector<std::string> List(const std::string& environment) {
    v1::ListSecretsRequest request;
    request.set_project("shop");
    request.set_environment(environment);
    v1::ListSecretsResponse response;
    const auto context = Patiently();
    EXPECT_TRUE(controller_.secrets().ListSecrets(context.get(), request, &response).ok());
    std::vector<std::string> lines;
    for (const v1::Secret& secret : response.secrets()) {
      lines.push_back(
          absl::StrCat(secret.environment(), "/", secret.name(), "@", secret.version()));
    }
    return lines;
  }
  absl::Status Remove(const std::string& environment, const std::string& name) {
    v1::RemoveSecretRequest request;
    request.set_project("shop");
    request.set_environment(environment);
    request.set_name(name);
    v1::RemoveSecretResponse response;
    const auto context = Patiently();
    return FromGrpcStatus(controller_.secrets().RemoveSecret(context.get(), request, &response));
  }
  void ExpectRefused(const v1::SetSecretRequest& request, const std::string& why) {
    const absl::Status status = Set(request);
    ASSERT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
    EXPECT_THAT(FailureOf(status).DebugString(), Not(HasSubstr("hunter")));
  }

  TestController controller_;
  v1::SetSecretResponse set_;
};

TEST_F(SecretsTest, AreSetAndListedWithoutTheirValues) {
  ASSERT_TRUE(Set("dev", "KEY", "hunter2").ok());
  EXPECT_TRUE(set_.changed());
  EXPECT_EQ(set_.secret().version(), 1);
  EXPECT_EQ(set_.secret().set_by(), "ann@desk");
  EXPECT_TRUE(set_.secret().has_set_time());
  EXPECT_THAT(set_.DebugString(), Not(HasSubstr("hunter2")));
  ASSERT_TRUE(Set("dev", "KEY", "hunter3").ok());
  ASSERT_TRUE(Set("", "TOKEN", "hunter4").ok());
  ASSERT_TRUE(Set("prod", "KEY", "hunter5").ok());
  EXPECT_THAT(List(""), ElementsAre("/TOKEN@1", "dev/KEY@2", "prod/KEY@1"));
  EXPECT_THAT(List("dev"), ElementsAre("/TOKEN@1", "dev/KEY@2"));
}

TEST_F(SecretsTest, AreNotSetAgainToTheSameValueWhereThatIsAskedFor) {
  v1::SetSecretRequest request = Request("dev", "KEY", "hunter2");
  request.set_only_if_changed(true);
  ASSERT_TRUE(Set(request).ok());
  ASSERT_TRUE(Set(request).ok());
  EXPECT_FALSE(set_.changed());
  EXPECT_EQ(set_.secret().version(), 1);
}

TEST_F(SecretsTest, ThatCouldNotBeMaskedOrGivenAreRefusedWithTheReason) {
  ExpectRefused(Request("dev", "KEY", ""), "must have 4 at least");
  ExpectRefused(Request("dev", "KEY", "hun"), "masking it would make them unreadable");
  ExpectRefused(Request("dev", "KEY", std::string(65537, 'x')), "64 KiB");
  ExpectRefused(Request("dev", "KEY", std::string("hunter\0two", 10)), "zero byte");
  ExpectRefused(Request("dev", "KEY", "hunter\xff"), "UTF-8");
  EXPECT_TRUE(Set("dev", "KEY", std::string(65536, 'x')).ok());
  EXPECT_TRUE(Set("dev", "KEY", "four").ok());
}

TEST_F(SecretsTest, OfNamesThatNothingCouldReferToAreRefused) {
  for (const std::string& name : {"", "2KEY", "MY-KEY", "hunter 2", "KEY=hunter2"}) {
    ExpectRefused(Request("dev", name, "hunter2"), "the name must have");
  }
  ExpectRefused(Request("Dev", "KEY", "hunter2"), "the environment's name");
  v1::SetSecretRequest request = Request("dev", "KEY", "hunter2");
  request.clear_project();
  ExpectRefused(request, "the project's name");
  EXPECT_THAT(List(""), IsEmpty());
}

TEST_F(SecretsTest, AreForgottenAndTheirNumbersAreNot) {
  ASSERT_TRUE(Set("dev", "KEY", "hunter2").ok());
  EXPECT_TRUE(IsFailure(Remove("", "KEY"), v1::NOT_FOUND));
  EXPECT_TRUE(Remove("dev", "KEY").ok());
  EXPECT_THAT(List(""), IsEmpty());
  EXPECT_TRUE(IsFailure(Remove("dev", "KEY"), v1::NOT_FOUND));
  ASSERT_TRUE(Set("dev", "KEY", "hunter2").ok());
  EXPECT_EQ(set_.secret().version(), 2);
}

TEST_F(SecretsTest, AreNotForgottenWhileADeploymentUsesThem) {
  ASSERT_TRUE(Set("dev", "KEY", "hunter2").ok());
  controller_.Put("d-1");
  const absl::Status put = controller_.store().Update([](store::Txn& txn) {
    auto state = txn.GetDeployment("d-1");
    if (!state.ok()) return state.status();
    worker::v1::SecretUse& use = *state->record.add_secrets();
    use.set_environment("dev");
    use.set_name("KEY");
    use.set_version(1);
    return txn.PutDeployment(state->record);
  });
  ASSERT_TRUE(put.ok()) << put;
  const absl::Status removed = Remove("dev", "KEY");
  EXPECT_TRUE(IsFailure(removed, v1::WRONG_STATE)) << removed;
  EXPECT_THAT(std::string(removed.message()), HasSubstr("deployment d-1, which goes on, uses it"));
}

class MaskedLogs : public SecretsTest {
 protected:
  MaskedLogs() {
    EXPECT_TRUE(Set("dev", "KEY", "hunter2").ok());
    controller_.Put("d-1", v1::SUCCEEDED);
    controller_.PutLive("web", 7);
    const absl::Status put = controller_.store().Update([](store::Txn& txn) {
      auto live = txn.LiveReleases("shop", "dev");
      if (!live.ok()) return live.status();
      worker::v1::SecretUse& use =
          (*live->at(0).mutable_container()->mutable_secret_env())["SECRET_KEY"];
      use.set_environment("dev");
      use.set_name("KEY");
      use.set_version(1);
      return txn.PutRelease(live->at(0));
    });
    EXPECT_TRUE(put.ok()) << put;
    for (const char* host : {"web1", "web2"}) {
      controller_.worker(host).on_tail_logs = [this](const worker::v1::TailLogsRequest& request,
                                                     const Call&, const auto&) {
        absl::MutexLock lock(&mutex_);
        asked_.push_back(request);
        return absl::OkStatus();
      };
    }
  }
  absl::Status Tail() {
    v1::TailLogsRequest request;
    request.set_project("shop");
    request.set_environment("dev");
    request.set_app("web");
    const auto context = Patiently();
    const auto stream = controller_.stub().TailLogs(context.get(), request);
    v1::TailLogsResponse message;
    while (stream->Read(&message)) {
    }
    return FromGrpcStatus(stream->Finish());
  }

  absl::Mutex mutex_;
  std::vector<worker::v1::TailLogsRequest> asked_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(MaskedLogs, AreReadByWorkersThatKnowWhatToHide) {
  ASSERT_TRUE(Tail().ok());
  absl::MutexLock lock(&mutex_);
  ASSERT_THAT(asked_, SizeIs(2));
  for (const auto& request : asked_) EXPECT_THAT(request.secrets(), ElementsAre("hunter2"));
}

TEST_F(MaskedLogs, AreNotShownWhenTheyCannotBe) {
  ASSERT_TRUE(Remove("dev", "KEY").ok());
  const absl::Status tail = Tail();
  ASSERT_TRUE(IsFailure(tail, v1::SECRET_MISSING)) << tail;
  EXPECT_THAT(std::string(tail.message()),
              AllOf(HasSubstr("output of web cannot be shown"), HasSubstr("KEY")));
  absl::MutexLock lock(&mutex_);
  EXPECT_THAT(asked_, IsEmpty());
}

}  // namespace
}  // namespace davit::api
