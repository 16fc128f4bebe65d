// The files and the environment of a release, as a container's own user finds them.
#include <sys/stat.h>

#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using worker::v1::ContainerSpec;
using worker::v1::ReleaseFile;
using worker::v1::StepSpec;

constexpr char kTricky[] = "two  words \"q\" 'a' $HOME #no \\n\ttab\nnext line\n";

class FileSteps : public StepsTest {
 protected:
  void SetUp() override {
    StepsTest::SetUp();
    const auto image = test::ImportBusyboxImage(ImageName("app"), {}, {.changes = {"USER app"}});
    ASSERT_TRUE(image.ok()) << image.status();
    app_image_ = *image;
  }

  // Three files: two of the environment, one of a template.
  ContainerSpec WithFiles(const std::vector<std::string>& command = {"/bin/sleep", "1000"}) const {
    ContainerSpec spec = Spec(command);
    spec.set_image(app_image_);
    spec.set_files_directory("shop/dev/web/7");
    (*spec.mutable_env())["API"] = "https://api.example.com";
    worker::v1::SecretUse& use = (*spec.mutable_secret_env())["TOKEN"];
    use.set_name("TOKEN");
    use.set_version(2);
    Add(spec, "0-.env", "/app/.env", "auto", "0400").set_env_format("dotenv");
    Add(spec, "1-env.json", "/app/env.json", "auto", "0400").set_env_format("json");
    Add(spec, "2-config.js", "/www/config.js", "", "0444").set_content("API = '{{API}}';");
    return spec;
  }
  static ReleaseFile& Add(ContainerSpec& spec, const std::string& name, const std::string& target,
                          const std::string& owner, const std::string& mode) {
    ReleaseFile& file = *spec.add_files();
    file.set_name(name);
    file.set_target(target);
    file.set_owner(owner);
    file.set_mode(mode);
    return file;
  }
  StepContext WithToken(const std::string& step_id = "step") const {
    StepContext context = Context(step_id);
    context.secrets = {{"/TOKEN@2", "s3cr3t-t0ken"}};
    return context;
  }
  static StepSpec WriteStep(const ContainerSpec& container) {
    StepSpec spec;
    *spec.mutable_write_files()->mutable_container() = container;
    return spec;
  }
  StepSpec StartStep(const ContainerSpec& container) const {
    StepSpec spec;
    *spec.mutable_start_container()->mutable_container() = container;
    spec.mutable_start_container()->set_candidate_name(Name("candidate"));
    return spec;
  }
  // What a container of `spec` prints until it ends by itself.
  std::string Printed(const ContainerSpec& spec) {
    const auto outputs = Run(StartStep(spec), WithToken("start"));
    EXPECT_TRUE(outputs.ok()) << outputs.status();
    if (!outputs.ok()) return "";
    EXPECT_TRUE(WaitForState(outputs->container().container_id(), "exited"));
    return Output(outputs->container().container_id());
  }
  std::string OnHost(const std::string& path) const { return directory_.File("files/" + path); }

  std::string app_image_;
};

TEST_F(FileSteps, WriteFilesThatTheImagesUserAloneReads) {
  const ContainerSpec spec = WithFiles(
      {"/bin/sh", "-c",
       "id -u; cat /app/.env /app/env.json /www/config.js; echo; stat -c '%u:%g %a' /app/.env "
       "/app/env.json /www/config.js; echo x 2>/dev/null >/www/config.js || echo refused"});
  const auto written = Run(WriteStep(spec), WithToken());
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->summary(), "3 files for UID 1000");
  EXPECT_EQ(Printed(spec),
            "1000\n"
            "API=https://api.example.com\nTOKEN=s3cr3t-t0ken\n"
            "{\n  \"API\": \"https://api.example.com\",\n  \"TOKEN\": \"s3cr3t-t0ken\"\n}\n"
            "API = 'https://api.example.com';\n"
            "1000:1000 400\n1000:1000 400\n1000:1000 444\n"
            "refused\n");
}

TEST_F(FileSteps, GiveFilesToTheOwnerThatIsDeclared) {
  ContainerSpec spec = WithFiles();
  spec.mutable_files(0)->set_owner("0");
  spec.mutable_files(1)->set_owner("33:44");
  spec.mutable_files(1)->set_mode("0640");
  const auto written = Run(WriteStep(spec), WithToken());
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->summary(), "3 files for UIDs 0, 33, 1000");
  struct stat found = {};
  ASSERT_EQ(stat(OnHost("shop/dev/web/7/1-env.json").c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, 33u);
  EXPECT_EQ(found.st_gid, 44u);
  EXPECT_EQ(found.st_mode & 07777, 0640u);
}

TEST_F(FileSteps, GiveContainersEveryValueByteForByte) {
  ContainerSpec spec =
      Spec({"/bin/sh", "-c", "printf '%s' \"$CLEAR\"; echo; printf '%s\\n' \"$SECRET\""});
  (*spec.mutable_env())["CLEAR"] = kTricky;
  (*spec.mutable_secret_env())["SECRET"].set_name("KEY");
  StepContext context = Context("start");
  context.secrets = {{"/KEY@0", kTricky}};
  const auto outputs = Run(StartStep(spec), context);
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ASSERT_TRUE(WaitForState(outputs->container().container_id(), "exited"));
  EXPECT_EQ(Output(outputs->container().container_id()),
            absl::StrCat(kTricky, "\n", kTricky, "\n"));
}

TEST_F(FileSteps, BeginNothingWithoutTheValueOfASecret) {
  for (const StepSpec& step : {WriteStep(WithFiles()), StartStep(WithFiles())}) {
    const v1::Failure failure = Fail(step);
    EXPECT_THAT(failure, HasCode(v1::INTERNAL));
    EXPECT_THAT(failure.message(), HasSubstr("the secret TOKEN"));
  }
  EXPECT_FALSE(std::filesystem::exists(OnHost("shop")));
  EXPECT_FALSE(Exists(Name("candidate")));
}

TEST_F(FileSteps, NameTheVariableThatATemplateLacks) {
  ContainerSpec spec = WithFiles();
  spec.mutable_files(2)->set_content("{{API}} {{NOT_THERE}}");
  const v1::Failure failure = Fail(WriteStep(spec), WithToken());
  EXPECT_THAT(failure, HasCode(v1::VARIABLE_MISSING));
  EXPECT_THAT(failure.message(), HasSubstr("/www/config.js"));
  EXPECT_THAT(failure.message(), HasSubstr("NOT_THERE"));
  EXPECT_FALSE(std::filesystem::exists(OnHost("shop/dev/web/7")));
}

TEST_F(FileSteps, NameTheVariableThatAFormatCannotCarryAndNotItsValue) {
  ContainerSpec spec = WithFiles();
  spec.mutable_files(0)->set_env_format("docker");
  (*spec.mutable_env())["LINES"] = "precious\nvalue";
  const v1::Failure failure = Fail(WriteStep(spec), WithToken());
  EXPECT_THAT(failure, HasCode(v1::FILE_FORMAT));
  EXPECT_THAT(failure.DebugString(), HasSubstr("LINES"));
  EXPECT_THAT(failure.DebugString(), Not(HasSubstr("precious")));
}

TEST_F(FileSteps, AreWrittenAgainByAWorkerThatWasKilledMeanwhile) {
  directory_.Write("files/shop/dev/web/.new-7/0-.env", "half of i");
  Runners fresh = MakeRunners(environment_);
  StepContext resumed = WithToken();
  resumed.resumed = true;
  const StepSpec step = WriteStep(WithFiles());
  for (int i = 0; i < 2; ++i) {
    const auto written = fresh.at(step.kind_case())->Run(step, resumed, reporter_);
    ASSERT_TRUE(written.ok()) << written.status();
  }
  EXPECT_FALSE(std::filesystem::exists(OnHost("shop/dev/web/.new-7")));
  EXPECT_EQ(std::filesystem::file_size(OnHost("shop/dev/web/7/0-.env")),
            strlen("API=https://api.example.com\nTOKEN=s3cr3t-t0ken\n"));
}

TEST_F(FileSteps, LetAContainerThatIsMadeAnewHaveItsOwnFilesAndSecrets) {
  const ContainerSpec record =
      WithFiles({"/bin/sh", "-c", "cat /www/config.js; echo; echo $TOKEN; sleep 1000"});
  ASSERT_TRUE(Run(WriteStep(record), WithToken()).ok());
  StepSpec step;
  step.mutable_put_back()->set_container_id("gone-" + label_);
  step.mutable_put_back()->set_name(Name("web"));
  step.mutable_put_back()->set_was_running(true);
  *step.mutable_put_back()->mutable_record() = record;
  EXPECT_THAT(Fail(step), HasCode(v1::INTERNAL)) << "without the secret's value";
  const auto outputs = Run(step, WithToken("back"));
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  const Call call = test::TestCall();
  while (Output(Name("web")).find("s3cr3t-t0ken\n") == std::string::npos) {
    ASSERT_TRUE(call.Wait(absl::Milliseconds(20)).ok()) << Output(Name("web"));
  }
  EXPECT_THAT(Output(Name("web")), HasSubstr("API = 'https://api.example.com';"));
}

TEST_F(FileSteps, AreNotPutBackWithoutTheirFiles) {
  StepSpec step;
  step.mutable_put_back()->set_container_id("gone-" + label_);
  step.mutable_put_back()->set_name(Name("web"));
  *step.mutable_put_back()->mutable_record() = WithFiles();
  const v1::Failure failure = Fail(step, WithToken());
  EXPECT_THAT(failure, HasCode(v1::FILE_UNREADABLE));
  EXPECT_THAT(failure, Shows("shop/dev/web/7/0-.env"));
}

TEST_F(FileSteps, AreNotMadeWhereTheyWouldBeHuge) {
  ContainerSpec spec = WithFiles();
  (*spec.mutable_env())["API"] = std::string(1 << 20, 'a');
  std::string content;
  for (int i = 0; i < 17; ++i) content += "{{API}}";
  spec.mutable_files(2)->set_content(content);
  const v1::Failure failure = Fail(WriteStep(spec), WithToken());
  EXPECT_THAT(failure, HasCode(v1::SPEC_INVALID));
  EXPECT_THAT(failure.message(), HasSubstr("/www/config.js: the files of a release may have 16"));
  EXPECT_FALSE(std::filesystem::exists(OnHost("shop/dev/web/7")));
  spec.clear_files();
  for (int i = 0; i < 17; ++i) {
    Add(spec, absl::StrCat(i, "-.env"), "/app/.env", "0", "0400").set_env_format("dotenv");
  }
  EXPECT_THAT(Fail(WriteStep(spec), WithToken()), HasCode(v1::SPEC_INVALID));
}

TEST_F(FileSteps, PruneRemovesThoseOfReleasesThatAreNotKept) {
  for (const char* release : {"5", "6", "7"}) {
    ContainerSpec spec = WithFiles();
    spec.set_files_directory(absl::StrCat("shop/dev/web/", release));
    ASSERT_TRUE(Run(WriteStep(spec), WithToken()).ok());
  }
  StepSpec prune;
  prune.mutable_prune()->set_files_directory("shop/dev/web");
  prune.mutable_prune()->add_keep_releases(7);
  prune.mutable_prune()->add_keep_releases(6);
  ASSERT_TRUE(Run(prune).ok());
  EXPECT_FALSE(std::filesystem::exists(OnHost("shop/dev/web/5")));
  EXPECT_TRUE(std::filesystem::exists(OnHost("shop/dev/web/6/0-.env")));
  EXPECT_TRUE(std::filesystem::exists(OnHost("shop/dev/web/7/0-.env")));
}

}  // namespace
}  // namespace davit::steps
