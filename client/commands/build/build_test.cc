#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/commands/invocation/exit_code.h"
#include "client/commands/testing/scripted_controller.h"
#include "common/failure/failure.h"
#include "davit/v1/build_service.grpc.pb.h"

namespace davit::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Takes contexts and says that it has built them.
class ScriptedBuilds final : public v1::BuildService::Service {
 public:
  absl::Status error;  // of every build, when it is one
  bool reads = true;   // the context, before it answers

  std::vector<v1::BuildHeader> headers() {
    absl::MutexLock lock(&mutex_);
    return headers_;
  }

  grpc::Status BuildImage(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::BuildImageResponse, v1::BuildImageRequest>* stream) override {
    v1::BuildImageRequest request;
    EXPECT_TRUE(stream->Read(&request) && request.has_header());
    const v1::BuildHeader header = request.header();
    {
      absl::MutexLock lock(&mutex_);
      headers_.push_back(header);
    }
    size_t bytes = 0;
    while (reads && stream->Read(&request)) bytes += request.context().size();
    v1::BuildImageResponse response;
    response.mutable_output()->set_stage(v1::BuildOutput::BUILD);
    response.mutable_output()->set_data(bytes > 0 ? "with a context\n" : "with nothing\n");
    stream->Write(response);
    if (!error.ok()) return ToGrpcStatus(error);
    v1::BuiltImage& built = *response.mutable_result();
    built.set_reference(absl::StrCat("boat/", header.app(), ":", header.tag()));
    built.set_image_id(absl::StrCat("sha256:", header.app()));
    if (header.push()) built.add_digests(absl::StrCat("boat/", header.app(), "@sha256:d"));
    stream->Write(response);
    return grpc::Status::OK;
  }

 private:
  absl::Mutex mutex_;
  std::vector<v1::BuildHeader> headers_ ABSL_GUARDED_BY(mutex_);
};

class BuildVerbTest : public ProgramTest {
 protected:
  BuildVerbTest() {
    std::ofstream("Dockerfile") << "FROM scratch\n";
    Write(R"(project: shop
registries:
  own: {server: "boat:5000", username: ci, password: {secret: TOKEN}}
apps:
  web: {image: boat/web, build: {push: [own]}}
  queue: {extends: web}
  api: {image: boat/api, build: {}}
  proxy: {image: nginx}
environments:
  dev: {}
  both: {hosts: [a, b]}
)");
    auto server = Server::Start(
        {.listen = {UnixAddress(directory_ + "/s")},
         .services = {static_cast<v1::DeploymentService::Service*>(&controller_), &builds_}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    variables_["DAVIT_CONTROLLER"] = "unix:" + directory_ + "/s";
  }

  std::vector<std::string> Built() {
    std::vector<std::string> apps;
    for (const v1::BuildHeader& header : builds_.headers()) apps.push_back(header.app());
    return apps;
  }

  ScriptedController controller_;
  ScriptedBuilds builds_;
  std::unique_ptr<Server> server_;
};

TEST_F(BuildVerbTest, BuildsTheAppsThatAreNamedAndSaysWhatWasBuilt) {
  EXPECT_EQ(Run({"build", "web", "-e", "dev", "--tag", "v1"}), kLive) << err_.str();
  EXPECT_EQ(out_.str(), "web boat/web:v1\n  boat/web@sha256:d\n");
  EXPECT_EQ(err_.str(),
            "web: sending the build context\nnote: s is a socket: it is not sent\nweb: building\n  "
            "| with a context\n");
  ASSERT_THAT(Built(), ElementsAre("web"));
  EXPECT_TRUE(builds_.headers()[0].push());
  EXPECT_FALSE(builds_.headers()[0].submitted_by().empty());
}

TEST_F(BuildVerbTest, BuildsAllThatHaveBuildWhenNoneIsNamed) {
  EXPECT_EQ(Run({"build", "-e", "dev", "--tag", "v1", "--json"}), kLive) << err_.str();
  EXPECT_THAT(Built(), ElementsAre("api", "web"));
  EXPECT_THAT(out_.str(), HasSubstr("{\"app\":\"api\",\"digests\":[],\"image_id\":\"sha256:api\""));
}

TEST_F(BuildVerbTest, PushesNothingWhenItIsToldNotTo) {
  EXPECT_EQ(Run({"build", "web", "-e", "both", "--tag", "v1", "--no-push", "--host", "b"}), kLive)
      << err_.str();
  ASSERT_EQ(Built().size(), 1U);
  EXPECT_FALSE(builds_.headers()[0].push());
  EXPECT_EQ(builds_.headers()[0].host(), "b");
  EXPECT_THAT(out_.str(), HasSubstr("sha256:web (not pushed)"));
}

TEST_F(BuildVerbTest, RefusesWhatIsWrongBeforeAnythingIsBuilt) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } kCases[] = {
      {{"build", "web", "proxy", "-e", "dev", "--tag", "v1"}, "the app proxy has no `build`"},
      {{"build", "wbe", "-e", "dev", "--tag", "v1"}, "there is no app \"wbe\""},
      {{"build", "api", "-e", "dev", "--tag", "v1", "--push"}, "names no registry to push to"},
      {{"build", "web", "api", "-e", "both", "--tag", "v1"}, "on one of 2 hosts alone"},
      {{"build", "web", "-e", "dev"}, "what shall the image's tag be?"},
      {{"deploy", "api", "-e", "both", "--build", "--tag", "v1"}, "on one of 2 hosts alone"},
      {{"deploy", "proxy", "-e", "dev", "--build", "--tag", "v1"}, "no app that is deployed has"},
      {{"deploy", "web", "-e", "dev", "--build", "--image", "web=boat/web:v1"},
       "--image names the image of web"},
  };
  for (const auto& [arguments, says] : kCases) {
    EXPECT_EQ(Run(arguments), kBadInput) << err_.str();
    EXPECT_THAT(err_.str(), HasSubstr(says));
  }
  EXPECT_THAT(Built(), IsEmpty());
}

TEST_F(BuildVerbTest, NamesTheDockerfileThatIsNotThere) {
  std::filesystem::remove("Dockerfile");
  EXPECT_EQ(Run({"build", "web", "-e", "dev", "--tag", "v1"}), kBadInput);
  EXPECT_THAT(err_.str(), HasSubstr("there is no Dockerfile at Dockerfile (SPEC_INVALID)"));
}

TEST_F(BuildVerbTest, EndsWithTheFirstFailureAndSaysWhatWasBuiltBefore) {
  builds_.error = FailureStatus(v1::BUILD_FAILED, "the build failed in step 2/3");
  EXPECT_EQ(Run({"build", "-e", "dev", "--tag", "v1"}), kFailed);
  EXPECT_THAT(Built(), ElementsAre("api"));
  EXPECT_THAT(err_.str(), HasSubstr("step 2/3 (BUILD_FAILED)"));
}

TEST_F(BuildVerbTest, HearsTheFailureOfABuilderThatWantsNoMoreOfTheContext) {
  std::ofstream random("noise", std::ios::binary);
  std::ifstream source("/dev/urandom", std::ios::binary);
  std::string noise(16 << 20, '\0');
  source.read(noise.data(), static_cast<std::streamsize>(noise.size()));
  random << noise << std::flush;
  builds_.reads = false;
  builds_.error = FailureStatus(v1::DISK_FULL, "no space");
  EXPECT_EQ(Run({"build", "web", "-e", "dev", "--tag", "v1"}), kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("DISK_FULL"));
}

TEST_F(BuildVerbTest, DeploysExactlyWhatItHasBuilt) {
  EXPECT_EQ(Run({"deploy", "-e", "dev", "--build", "--tag", "v1", "--detach"}), kLive)
      << err_.str();
  EXPECT_THAT(Built(), ElementsAre("api", "web"));
  const v1::DeploymentRequest asked = controller_.asked();
  ASSERT_EQ(asked.built_size(), 3);
  EXPECT_EQ(asked.built().at("web").image_id(), "sha256:web");
  // It extends web, and has its image.
  EXPECT_EQ(asked.built().at("queue").image_id(), "sha256:web");
  EXPECT_EQ(asked.built().at("api").image_id(), "sha256:api");
  ASSERT_EQ(asked.images_size(), 1);
  EXPECT_EQ(asked.images().at("proxy"), "nginx:v1");
}

TEST_F(BuildVerbTest, LeavesAnAppAloneWhoseImageIsGiven) {
  EXPECT_EQ(Run({"deploy", "-e", "dev", "--build", "--tag", "v1", "--detach", "--image",
                 "api=boat/api:old", "web", "api"}),
            kLive)
      << err_.str();
  EXPECT_THAT(Built(), ElementsAre("web"));
  EXPECT_EQ(controller_.asked().images().at("api"), "boat/api:old");
}

TEST_F(BuildVerbTest, DeploysNothingWhenTheBuildFails) {
  builds_.error = FailureStatus(v1::TEST_FAILED, "the test failed");
  EXPECT_EQ(Run({"deploy", "web", "-e", "dev", "--build", "--tag", "v1"}), kFailed);
  EXPECT_EQ(controller_.created, 0);
}

TEST_F(BuildVerbTest, BuildsNothingForADeploymentThatLacksASecret) {
  controller_.error = FailureStatus(v1::SECRET_MISSING, "4 secrets are not set");
  EXPECT_EQ(Run({"deploy", "web", "-e", "dev", "--build", "--tag", "v1"}), kBadInput);
  EXPECT_THAT(err_.str(), HasSubstr("4 secrets are not set"));
  EXPECT_THAT(Built(), IsEmpty());
}

TEST_F(BuildVerbTest, DoesNotMindBeforeTheBuildThatThereIsNoImageYet) {
  controller_.error = FailureStatus(v1::IMAGE_NOT_FOUND, "there is no image");
  Run({"deploy", "web", "-e", "dev", "--build", "--tag", "v1"});
  EXPECT_THAT(Built(), ElementsAre("web"));
}

TEST_F(BuildVerbTest, IsQuietWhenItIsToldTo) {
  EXPECT_EQ(Run({"build", "web", "-e", "dev", "--tag", "v1", "-q"}), kLive);
  EXPECT_THAT(err_.str(), IsEmpty());
  EXPECT_THAT(out_.str(), Not(IsEmpty()));
}

}  // namespace
}  // namespace davit::commands
