// That nothing of a secret leaves a worker, whatever a step says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/failure/failure.h"
#include "worker/service/journal.h"
#include "worker/service/scripted_engine.h"
#include "worker/service/service_fixture.h"
#include "worker/steps/failed_outputs.h"

namespace davit::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using worker::v1::RunStepRequest;
using worker::v1::RunStepResponse;
using worker::v1::StepFinished;

constexpr char kSecret[] = "s3cret/\"p4ss\" w0rd";

RunStepRequest RequestWithToken(absl::string_view value = kSecret) {
  RunStepRequest request = PullRequest("s-01");
  request.mutable_spec()->mutable_pull_image()->add_logins()->mutable_password()->set_name("TOKEN");
  (*request.mutable_secrets())["/TOKEN@0"] = std::string(value);
  return request;
}

std::vector<std::string> Forms() {
  return {kSecret,
          absl::Base64Escape(kSecret),
          absl::Base64Escape(absl::StrCat("user:", kSecret)),
          "s3cret%2F%22p4ss%22%20w0rd",
          "s3cret%2f%22p4ss%22+w0rd",
          R"(s3cret/\"p4ss\" w0rd)",
          R"(s3cret\/\u0022p4ss\u0022 w0rd)",
          R"(s3cret/\"p4ss\"\ w0rd)"};
}

void Say(steps::StepReporter& reporter, int ordinal, absl::string_view text) {
  v1::StepLog log;
  log.set_stream(v1::STDOUT);
  log.set_data(std::string(text));
  log.mutable_position()->set_container_id("c-1");
  log.mutable_position()->set_ordinal(ordinal);
  reporter.Log(std::move(log));
}

v1::Failure TellingFailure() {
  v1::Failure failure = MakeFailure(v1::CHECK_FAILED, absl::StrCat("no: ", kSecret));
  failure.set_likely_cause(absl::StrCat("cause: ", kSecret));
  failure.set_next_command(absl::StrCat("login -p ", kSecret));
  for (const std::string& form : Forms()) {
    failure.add_evidence(absl::StrCat("seen: ", form, "."));
    failure.add_log_tail(absl::StrCat("last: ", form, "."));
  }
  return failure;
}

class MaskingTest : public ServiceTest {
 protected:
  // All that is logged meanwhile, whatever its level.
  void SetUp() override {
    logger_ = spdlog::default_logger();
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(logged_);
    auto logger = std::make_shared<spdlog::logger>("test", std::move(sink));
    logger->set_level(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
  }
  void TearDown() override {
    End();
    spdlog::set_default_logger(logger_);
    ExpectNothingIn(logged_.str());
  }

  static std::string TextOf(const std::vector<RunStepResponse>& messages) {
    std::string text;
    for (const RunStepResponse& message : messages) text += message.log().data();
    return text;
  }
  // As a worker does that is gone; its secrets went with it.
  void LeaveIntent(const RunStepRequest& request) {
    std::filesystem::create_directory(state_directory());
    auto journal = Journal::Open(state_directory() + "/journal.db");
    ASSERT_TRUE(journal.ok()) << journal.status();
    const Intent intent{request.key(), request.fence(), request.spec(), absl::Minutes(1),
                        absl::Now()};
    ASSERT_TRUE((*journal)->WriteIntent(intent).ok());
  }
  // Nothing of the secret that is longer than a word by chance.
  static void ExpectNothingIn(const std::string& text) {
    for (const std::string part : {"s3cret", "p4ss", "w0rd", "czNjcmV0", "NzY3JldC"}) {
      EXPECT_THAT(text, Not(HasSubstr(part)));
    }
  }
  void ExpectNothingOnDisk() {
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(state_directory())) {
      std::stringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      ExpectNothingIn(content.str());
      ++files;
    }
    EXPECT_GT(files, 0);
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
  std::ostringstream logged_;
};

// A column's default has it, say, and the migration failed.
TEST_F(MaskingTest, MasksWhatAFailedMigrationHasChanged) {
  Start([](const auto&, const auto&, auto&) {
    worker::v1::StepOutputs outputs;
    outputs.set_summary(absl::StrCat("left ", kSecret));
    v1::Migration& migration = *outputs.mutable_migration();
    migration.set_database("main");
    migration.set_meaning(v1::SCHEMA_UNSAFE);
    (*migration.mutable_previous())["shop"] = "0001_a";
    for (const std::string& form : Forms()) {
      v1::SchemaChange& change = *migration.add_changes();
      change.set_sentence(absl::StrCat("Column key (default ", form, ") was added"));
      change.set_reason(absl::StrCat("for ", form));
      migration.add_gaps(absl::StrCat("not ", form));
    }
    return steps::WithOutputs(FailureStatus(v1::MIGRATION_FAILED, "no"), outputs);
  });
  const auto messages = StepStream(*stub_, RequestWithToken()).ReadAll();
  for (const RunStepResponse& message : messages) ExpectNothingIn(message.DebugString());
  const StepFinished finished = messages.back().finished();
  EXPECT_EQ(finished.outcome(), StepFinished::FAILED);
  EXPECT_EQ(finished.failure().code(), v1::MIGRATION_FAILED);
  EXPECT_EQ(finished.outputs().summary(), "left ***");
  const v1::Migration& migration = finished.outputs().migration();
  EXPECT_EQ(migration.database(), "main");
  EXPECT_EQ(migration.meaning(), v1::SCHEMA_UNSAFE);
  EXPECT_EQ(migration.previous().at("shop"), "0001_a");
  EXPECT_EQ(migration.changes(0).sentence(), "Column key (default ***) was added");
  ExpectNothingOnDisk();
}

TEST_F(MaskingTest, MasksAllThatAStepSays) {
  Start([](const auto&, const auto& context, auto& reporter) {
    EXPECT_EQ(context.secrets.at("/TOKEN@0"), kSecret);
    v1::StepProgress progress;
    progress.set_phase(absl::StrCat("try ", kSecret));
    reporter.Progress(progress);
    int ordinal = 0;
    for (const std::string& form : Forms()) {
      Say(reporter, ++ordinal, absl::StrCat("it is ", form, "\n"));
    }
    v1::Failure failure = TellingFailure();
    *failure.add_parts() = TellingFailure();
    return FailureStatus(failure);
  });
  const auto messages = StepStream(*stub_, RequestWithToken()).ReadAll();
  for (const RunStepResponse& message : messages) ExpectNothingIn(message.DebugString());
  const StepFinished finished = messages.back().finished();
  EXPECT_EQ(finished.failure().code(), v1::CHECK_FAILED);
  EXPECT_EQ(finished.failure().message(), "no: ***");
  EXPECT_EQ(finished.failure().next_command(), "login -p ***");
  EXPECT_EQ(finished.failure().evidence(0), "seen: ***.");
  EXPECT_EQ(finished.failure().parts(0).evidence(0), "seen: ***.");
  EXPECT_EQ(finished.failure().log_tail_size(), static_cast<int>(Forms().size()));
  EXPECT_THAT(TextOf(messages), HasSubstr("it is ***\n"));
  ExpectNothingOnDisk();
}

TEST_F(MaskingTest, MasksTheBeginningOfASecretWhereATextIsCut) {
  Start([](const auto&, const auto&, auto&) {
    const std::string cut(kSecret, 9);
    v1::Failure failure =
        MakeFailure(v1::HEALTH_STATUS, "no", {absl::StrCat("answer: ", cut, "…")});
    failure.add_log_tail(absl::StrCat("it is ", cut));
    failure.add_log_tail("next");
    return FailureStatus(failure);
  });
  const auto failure = StepStream(*stub_, RequestWithToken()).Finished().failure();
  ASSERT_EQ(failure.log_tail_size(), 2);
  EXPECT_EQ(failure.evidence(0), "answer: ***…");
  EXPECT_EQ(failure.log_tail(0), "it is ***");
  EXPECT_EQ(failure.log_tail(1), "next");
}

TEST_F(MaskingTest, MasksTheSummary) {
  Start([](const auto&, const auto&, auto&) { return Done(absl::StrCat("with ", kSecret)); });
  EXPECT_EQ(StepStream(*stub_, RequestWithToken()).Finished().outputs().summary(), "with ***");
  EXPECT_EQ(List().steps(0).finished().outputs().summary(), "with ***");
  ExpectNothingOnDisk();
}

TEST_F(MaskingTest, MasksASecretThatComesInPieces) {
  Start([](const auto&, const auto&, auto& reporter) {
    int ordinal = 0;
    for (const std::string& form : Forms()) {
      for (const char c : absl::StrCat("it is ", form, "\n")) {
        Say(reporter, ++ordinal, std::string(1, c));
      }
    }
    return Done();
  });
  const auto messages = StepStream(*stub_, RequestWithToken()).ReadAll();
  ExpectNothingIn(TextOf(messages));
  EXPECT_THAT(TextOf(messages), HasSubstr("it is ***\nit is ***"));
}

TEST_F(MaskingTest, LetsOutAtTheEndWhatWasHeldBack) {
  Start([](const auto&, const auto&, auto& reporter) {
    Say(reporter, 1, "the end is s3cr");
    return Done();
  });
  const auto messages = StepStream(*stub_, RequestWithToken()).ReadAll();
  EXPECT_EQ(TextOf(messages), "the end is s3cr");
}

TEST_F(MaskingTest, MasksALogTailAsOneText) {
  const std::string key = "ab\ncd\nef\ngh";
  Start([](const auto&, const auto&, auto&) {
    v1::Failure failure = MakeFailure(v1::CHECK_FAILED, "no");
    for (const char* line : {"key: ab", "cd", "ef", "gh.", "end"}) failure.add_log_tail(line);
    return FailureStatus(failure);
  });
  const auto finished = StepStream(*stub_, RequestWithToken(key)).Finished();
  EXPECT_THAT(finished.failure().log_tail(), ElementsAre("key: ***.", "end"));
}

TEST_F(MaskingTest, MasksWhatRunnersMakeOfASecretWhenTheyCleanIt) {
  Start([](const auto&, const auto&, auto&) {
    return FailureStatus(v1::CHECK_FAILED, "no", {"seen: a b c."});
  });
  const auto finished = StepStream(*stub_, RequestWithToken("a\001b\033c")).Finished();
  EXPECT_THAT(finished.failure().evidence(), ElementsAre("seen: ***."));
}

TEST_F(MaskingTest, SaysEverythingAsItIsWithoutSecrets) {
  Start([](const auto&, const auto&, auto& reporter) {
    Say(reporter, 1, "half a li");
    return FailureStatus(TellingFailure());
  });
  const auto messages = StepStream(*stub_, PullRequest("s-01")).ReadAll();
  EXPECT_EQ(TextOf(messages), "half a li");
  EXPECT_EQ(messages.back().finished().failure().SerializeAsString(),
            TellingFailure().SerializeAsString());
}

TEST_F(MaskingTest, MasksAStepThatGoesOnUnderAnotherWorkerOnceItsSecretsHaveCome) {
  RunStepRequest request = RequestWithToken();
  LeaveIntent(request);
  Start([](const auto&, const auto& context, auto& reporter) {
    EXPECT_TRUE(context.resumed);
    Say(reporter, 1, absl::StrCat("it is ", kSecret, "\n"));
    return Done();
  });
  EXPECT_EQ(TextOf(StepStream(*stub_, request).ReadAll()), "it is ***\n");
}

TEST_F(MaskingTest, ShowsNoOutputOfAStepWhoseSecretsNobodyHasBrought) {
  RunStepRequest request = RequestWithToken();
  LeaveIntent(request);
  Start([](const auto&, const auto&, auto& reporter) {
    Say(reporter, 1, absl::StrCat("it is ", kSecret, "\n"));
    v1::Failure failure = TellingFailure();
    failure.set_message("the command failed");
    failure.clear_likely_cause();
    failure.clear_next_command();
    const v1::Failure whole = failure;
    *failure.add_parts() = whole;
    return FailureStatus(failure);
  });
  request.clear_secrets();
  const auto messages = StepStream(*stub_, request).ReadAll();
  EXPECT_EQ(TextOf(messages), "");
  const StepFinished finished = messages.back().finished();
  ExpectNothingIn(finished.DebugString());
  EXPECT_EQ(finished.failure().message(), "the command failed");
  EXPECT_THAT(finished.failure().evidence(), ElementsAre(HasSubstr("output is not shown")));
  ExpectNothingOnDisk();
}

TEST_F(MaskingTest, ShowsNoLineOfAMigrationWhoseSecretsNobodyHasBrought) {
  RunStepRequest request = RequestWithToken();
  LeaveIntent(request);
  Start([](const auto&, const auto&, auto&) {
    return FailureStatus(v1::MIGRATION_FAILED, absl::StrCat("the migration failed: ", kSecret));
  });
  request.clear_secrets();
  const StepFinished finished = StepStream(*stub_, request).ReadAll().back().finished();
  EXPECT_EQ(finished.failure().message(), "the migration failed");
  ExpectNothingIn(finished.DebugString());
}

// The container of an old release, one of whose secrets was removed since.
TEST_F(MaskingTest, ShowsNoOutputOfAContainerWithASecretThatNobodyKnowsAnyMore) {
  std::atomic<bool> known = true;
  Start([&known](const auto&, const auto&, auto& reporter) {
    reporter.ShowsOutputWith({"/TOKEN@0", known ? "/TOKEN@0" : "/GONE@1"});
    Say(reporter, 1, "it has written this\n");
    v1::Failure failure = MakeFailure(v1::CONTAINER_EXITED, "it has ended");
    failure.add_log_tail("it has written this");
    return FailureStatus(failure);
  });
  RunStepRequest request = RequestWithToken();
  EXPECT_THAT(TextOf(StepStream(*stub_, request).ReadAll()), HasSubstr("written"));
  known = false;
  request.mutable_key()->set_step_id("s-02");
  const auto messages = StepStream(*stub_, request).ReadAll();
  EXPECT_EQ(TextOf(messages), "");
  EXPECT_EQ(messages.back().finished().failure().message(), "it has ended");
  EXPECT_TRUE(messages.back().finished().failure().log_tail().empty());
}

TEST_F(MaskingTest, MasksTheLogsOfAContainer) {
  ScriptedEngine engine(directory_ / "docker.sock");
  const auto frame = [](absl::string_view text) {
    return absl::StrCat(absl::string_view("\x01\0\0\0\0\0\0", 7),
                        std::string(1, static_cast<char>(text.size())), text);
  };
  engine.Answer("/containers/web/json",
                R"({"Id": "c-1", "Name": "/web", "Config": {"Tty": false}})");
  engine.Answer("/logs", absl::StrCat(frame(absl::StrCat("it is ", kSecret, "\n")),
                                      frame("s3cret/\"p4ss\""), frame(" w0rd as well\n")));
  Start([](const auto&, const auto&, auto&) { return Done(); }, directory_ / "docker.sock");
  for (const bool with_secrets : {true, false}) {
    grpc::ClientContext context;
    worker::v1::TailLogsRequest request;
    request.set_container("web");
    request.set_tail(10);
    if (with_secrets) request.add_secrets(kSecret);
    const auto reader = stub_->TailLogs(&context, request);
    std::string text;
    for (worker::v1::TailLogsResponse frames; reader->Read(&frames);) text += frames.data();
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_EQ(text,
              absl::StrReplaceAll(absl::StrCat("it is ", kSecret, "\n", kSecret, " as well\n"),
                                  {{with_secrets ? kSecret : "-", with_secrets ? "***" : "-"}}));
  }
}

}  // namespace
}  // namespace davit::service
