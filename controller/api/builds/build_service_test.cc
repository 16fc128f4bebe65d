#include "controller/api/builds/build_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "controller/api/builds/build_job.h"
#include "controller/api/testing/test_controller.h"

namespace davit::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using worker::v1::BuildJob;
using Pieces = fleet::WorkerClient::ContextPieces;
using Sink = fleet::WorkerClient::BuildSink;

v1::BuildHeader WebHeader() {
  v1::BuildHeader header;
  *header.mutable_spec() = ShopSpec();
  v1::App& web = (*header.mutable_spec()->mutable_apps())["web"];
  web.set_image("boat.test/shop/web:old");
  web.mutable_build()->set_context(".");
  web.mutable_build()->set_dockerfile("Dockerfile");
  header.set_app("web");
  header.set_tag("v1");
  header.set_push(true);
  return header;
}

void AddRegistry(v1::BuildHeader& header, const std::string& name, const std::string& server,
                 const std::string& secret) {
  v1::Registry& registry = (*header.mutable_spec()->mutable_registries())[name];
  registry.set_server(server);
  registry.mutable_username()->set_value("ci");
  registry.mutable_password()->set_secret(secret);
  (*header.mutable_spec()->mutable_apps())["web"].mutable_build()->add_push(name);
}

TEST(NamesOf, HasTheAppsOwnNameAloneWithoutPushes) {
  const ImageNames names = NamesOf(WebHeader());
  EXPECT_THAT(names.references, ElementsAre("boat.test/shop/web:v1"));
  EXPECT_THAT(names.push, IsEmpty());
}

TEST(NamesOf, HasTheSamePathInEachOtherRegistry) {
  v1::BuildHeader header = WebHeader();
  AddRegistry(header, "other", "other.test:5000", "A");
  AddRegistry(header, "own", "boat.test", "B");
  AddRegistry(header, "hub", "docker.io", "C");
  const ImageNames names = NamesOf(header);
  EXPECT_THAT(names.references, ElementsAre("boat.test/shop/web:v1", "other.test:5000/shop/web:v1",
                                            "docker.io/shop/web:v1"));
  EXPECT_THAT(names.push, ElementsAre("other.test:5000/shop/web:v1", "boat.test/shop/web:v1",
                                      "docker.io/shop/web:v1"));
  header.set_push(false);
  EXPECT_THAT(NamesOf(header).references, ElementsAre("boat.test/shop/web:v1"));
  EXPECT_THAT(NamesOf(header).push, IsEmpty());
}

TEST(NamesOf, KnowsThatAnImageWithoutARegistryIsDockerHubs) {
  v1::BuildHeader header = WebHeader();
  AddRegistry(header, "hub", "docker.io", "C");
  (*header.mutable_spec()->mutable_apps())["web"].set_image("shop/web");
  EXPECT_THAT(NamesOf(header).push, ElementsAre("shop/web:v1"));
}

class BuildServiceTest : public ::testing::Test {
 protected:
  using ApiStream = grpc::ClientReaderWriter<v1::BuildImageRequest, v1::BuildImageResponse>;

  explicit BuildServiceTest(const BuildLimits& builds = {.most = 16}) : controller_(builds) {
    for (const char* host : {"web1", "web2"}) {
      controller_.worker(host).on_build_image = [this, host](const BuildJob& job, Pieces pieces,
                                                             const Call& call, Sink sink) {
        host_ = host;
        job_ = job;
        return worker_(pieces, call, sink);
      };
    }
  }

  // The bytes of the context; the error of a piece.
  static absl::StatusOr<size_t> TakeAll(Pieces pieces) {
    size_t bytes = 0;
    while (true) {
      const auto piece = pieces();
      if (!piece.ok()) return piece.status();
      if (piece->empty()) return bytes;
      bytes += piece->size();
    }
  }

  void SetSecret(const std::string& environment, const std::string& value) {
    const auto context = Patiently();
    v1::SetSecretRequest request;
    request.set_project("shop");
    request.set_environment(environment);
    request.set_name("TOKEN");
    request.set_value(value);
    v1::SetSecretResponse response;
    const grpc::Status status = controller_.secrets().SetSecret(context.get(), request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  std::unique_ptr<ApiStream> Open() {
    auto stream = controller_.builds().BuildImage(context_.get());
    v1::BuildImageRequest request;
    *request.mutable_header() = header_;
    stream->Write(request);
    return stream;
  }
  static void Send(ApiStream& stream, const std::string& piece) {
    v1::BuildImageRequest request;
    request.set_context(piece);
    stream.Write(request);
  }
  // Everything that is said, and how it ends.
  absl::Status Listen(ApiStream& stream) {
    v1::BuildImageResponse response;
    while (stream.Read(&response)) {
      said_ += response.output().data();
      if (response.has_result()) result_ = response.result();
    }
    return FromGrpcStatus(stream.Finish());
  }
  absl::Status Build(const std::vector<std::string>& pieces = {"a", "bc"}) {
    const auto stream = Open();
    for (const std::string& piece : pieces) Send(*stream, piece);
    stream->WritesDone();
    return Listen(*stream);
  }

  TestController controller_;
  const std::unique_ptr<grpc::ClientContext> context_ = Patiently();
  v1::BuildHeader header_ = WebHeader();
  std::function<absl::StatusOr<v1::BuiltImage>(Pieces, const Call&, Sink)> worker_ =
      [](Pieces pieces, const Call&, Sink sink) -> absl::StatusOr<v1::BuiltImage> {
    const auto bytes = TakeAll(pieces);
    if (!bytes.ok()) return bytes.status();
    v1::BuildOutput output;
    output.set_data(absl::StrCat(*bytes, " bytes\n"));
    sink(output);
    v1::BuiltImage built;
    built.set_image_id("sha256:1");
    return built;
  };
  std::string host_;
  BuildJob job_;
  std::string said_;
  v1::BuiltImage result_;
};

TEST_F(BuildServiceTest, RelaysTheContextAndWhatTheWorkerSays) {
  const absl::Status status = Build();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(said_, "3 bytes\n");
  EXPECT_EQ(result_.image_id(), "sha256:1");
  EXPECT_EQ(host_, "web1");
  EXPECT_THAT(job_.references(), ElementsAre("boat.test/shop/web:v1"));
  EXPECT_GT(job_.timeout().seconds(), 0);
}

TEST_F(BuildServiceTest, BuildsOnTheHostThatIsNamed) {
  header_.set_host("web2");
  EXPECT_TRUE(Build().ok());
  EXPECT_EQ(host_, "web2");
}

TEST_F(BuildServiceTest, GivesTheWorkerTheNewestSecretsOfTheRegistries) {
  AddRegistry(header_, "own", "boat.test", "TOKEN");
  SetSecret("", "the project's");
  SetSecret("dev", "first of dev");
  SetSecret("dev", "second of dev");
  const absl::Status status = Build();
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(job_.logins_size(), 1);
  EXPECT_EQ(job_.logins(0).server(), "boat.test");
  EXPECT_EQ(job_.logins(0).password().version(), 2);
  EXPECT_EQ(job_.secrets().at("dev/TOKEN@2"), "second of dev");
  EXPECT_EQ(job_.secrets_size(), 1);
}

TEST_F(BuildServiceTest, SaysWhichSecretsAreMissingBeforeItTakesTheContext) {
  AddRegistry(header_, "own", "boat.test", "TOKEN");
  const absl::Status status = Build();
  EXPECT_TRUE(IsFailure(status, v1::SECRET_MISSING)) << status;
  EXPECT_THAT(FailureOf(status).evidence(),
              Contains(HasSubstr("TOKEN: wanted by registries.own.password")));
  EXPECT_EQ(host_, "");
}

TEST_F(BuildServiceTest, RefusesWhatCannotBeBuilt) {
  header_.set_app("nothing");
  header_.set_host("web9");
  const absl::Status status = Build();
  EXPECT_TRUE(IsFailure(status, v1::SPEC_INVALID)) << status;
  EXPECT_THAT(FailureOf(status).evidence(), Contains(HasSubstr("no app nothing")));
  EXPECT_THAT(FailureOf(status).evidence(), Contains(HasSubstr("no host web9")));
  EXPECT_EQ(host_, "");
}

TEST_F(BuildServiceTest, RefusesATagThatIsNone) {
  header_.set_tag("not a tag");
  EXPECT_TRUE(IsFailure(Build(), v1::SPEC_INVALID));
}

TEST_F(BuildServiceTest, WantsAHeaderFirstAndOnce) {
  const auto first = controller_.builds().BuildImage(context_.get());
  Send(*first, "a");
  EXPECT_TRUE(IsFailure(Listen(*first), v1::SPEC_INVALID));
  const auto another = Patiently();
  const auto second = controller_.builds().BuildImage(another.get());
  v1::BuildImageRequest request;
  *request.mutable_header() = header_;
  second->Write(request);
  second->Write(request);
  EXPECT_TRUE(IsFailure(Listen(*second), v1::SPEC_INVALID));
}

TEST_F(BuildServiceTest, HandsOnTheWorkersFailureWhileTheClientStillSends) {
  worker_ = [](Pieces, const Call&, Sink) { return FailureStatus(v1::BUILD_FAILED, "step 1"); };
  const auto stream = Open();
  v1::BuildImageRequest request;
  request.set_context(std::string(64 << 10, 'x'));
  while (stream->Write(request)) continue;
  EXPECT_TRUE(IsFailure(Listen(*stream), v1::BUILD_FAILED));
}

TEST_F(BuildServiceTest, EndsTheBuildWhenTheClientGoesAway) {
  absl::Notification begun;
  absl::Notification ended;
  worker_ = [&](Pieces pieces, const Call& call, Sink) -> absl::StatusOr<v1::BuiltImage> {
    EXPECT_TRUE(TakeAll(pieces).ok());
    begun.Notify();
    const absl::Status status = call.Wait(absl::Minutes(5));
    ended.Notify();
    return status;
  };
  const auto stream = Open();
  stream->WritesDone();
  ASSERT_TRUE(begun.WaitForNotificationWithTimeout(absl::Seconds(20)));
  context_->TryCancel();
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(absl::IsCancelled(Listen(*stream)));
}

TEST_F(BuildServiceTest, TakesAClientThatGoesAwayInTheMidstOfItsContextForNoEnd) {
  absl::Notification begun;
  absl::Notification ended;
  absl::StatusOr<size_t> taken;
  worker_ = [&](Pieces pieces, const Call&, Sink) -> absl::StatusOr<v1::BuiltImage> {
    EXPECT_EQ(pieces().value_or(""), "half");
    begun.Notify();
    taken = TakeAll(pieces);
    ended.Notify();
    return absl::CancelledError("gone");
  };
  const auto stream = Open();
  Send(*stream, "half");
  ASSERT_TRUE(begun.WaitForNotificationWithTimeout(absl::Seconds(20)));
  context_->TryCancel();
  ASSERT_TRUE(ended.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(absl::IsCancelled(taken.status())) << taken.status();
  Listen(*stream).IgnoreError();
}

// --- Callers that take their time, or are too many. ---

// Threads of this process, in which the server is.
size_t Threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST_F(BuildServiceTest, HasNoThreadForAStreamThatSendsNoHeader) {
  const size_t before = Threads();
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<ApiStream>> silent;
  for (int i = 0; i < 90; ++i) {
    contexts.push_back(Patiently());
    silent.push_back(controller_.builds().BuildImage(contexts.back().get()));
  }
  EXPECT_TRUE(Build().ok());
  EXPECT_LT(Threads(), before + 60);
  for (size_t i = 0; i < silent.size(); ++i) {
    contexts[i]->TryCancel();
    Listen(*silent[i]).IgnoreError();
  }
}

class ShortBuildServiceTest : public BuildServiceTest {
 protected:
  ShortBuildServiceTest()
      : BuildServiceTest({.most = 16,
                          .first_patience = absl::Milliseconds(50),
                          .piece_patience = absl::Milliseconds(50)}) {}
};

TEST_F(ShortBuildServiceTest, EndsAStreamThatSendsNoHeader) {
  const auto stream = controller_.builds().BuildImage(context_.get());
  const absl::Status status = Listen(*stream);
  EXPECT_TRUE(IsFailure(status, v1::STEP_STALLED)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("header"));
}

TEST_F(BuildServiceTest, WantsMoreThanTheEndOfAStream) {
  const auto stream = controller_.builds().BuildImage(context_.get());
  stream->WritesDone();
  EXPECT_TRUE(IsFailure(Listen(*stream), v1::SPEC_INVALID));
}

class StalledBuildServiceTest : public BuildServiceTest {
 protected:
  StalledBuildServiceTest()
      : BuildServiceTest({.most = 16, .piece_patience = absl::Milliseconds(50)}) {}
};

TEST_F(StalledBuildServiceTest, EndsABuildWhoseContextStalls) {
  const auto stream = Open();
  Send(*stream, "half");
  const absl::Status status = Listen(*stream);
  EXPECT_TRUE(IsFailure(status, v1::STEP_STALLED)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("nothing more of the build's context"));
}

class OneBuildServiceTest : public BuildServiceTest {
 protected:
  OneBuildServiceTest() : BuildServiceTest(BuildLimits{.most = 1}) {}
};

TEST_F(OneBuildServiceTest, RefusesMoreBuildsThanItMayHaveAtATime) {
  absl::Notification begun;
  worker_ = [&](Pieces pieces, const Call&, Sink) -> absl::StatusOr<v1::BuiltImage> {
    begun.Notify();
    const auto bytes = TakeAll(pieces);
    if (!bytes.ok()) return bytes.status();
    v1::BuiltImage built;
    built.set_image_id("sha256:1");
    return built;
  };
  const auto first = Open();
  ASSERT_TRUE(begun.WaitForNotificationWithTimeout(absl::Seconds(20)));
  const auto another = Patiently();
  const auto second = controller_.builds().BuildImage(another.get());
  v1::BuildImageRequest request;
  *request.mutable_header() = header_;
  second->Write(request);
  const absl::Status refused = Listen(*second);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(FailureOf(refused).message(), HasSubstr("has 1 builds at work"));
  EXPECT_TRUE(FailureOf(refused).retryable());
  first->WritesDone();
  EXPECT_TRUE(Listen(*first).ok());
  worker_ = [](Pieces, const Call&, Sink) { return FailureStatus(v1::BUILD_FAILED, "its turn"); };
  const auto later = Patiently();
  const auto third = controller_.builds().BuildImage(later.get());
  third->Write(request);
  EXPECT_THAT(std::string(Listen(*third).message()), HasSubstr("its turn"));
}

}  // namespace
}  // namespace davit::api
