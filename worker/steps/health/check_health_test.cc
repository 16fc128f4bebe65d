#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/support/let_go_on.h"
#include "tests/support/listener.h"
#include "worker/steps/testing/steps_fixture.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::StepSpec;

// Answers as its query says.
constexpr char kAnswer[] = R"(#!/bin/sh
case "$QUERY_STRING" in
  redirect) printf 'Status: 301 Moved\r\nLocation: https://example.com/health\r\n\r\n' ;;
  within) printf 'Status: 302 Found\r\nLocation: /health\r\n\r\n' ;;
  named) printf 'Status: 302 Found\r\nLocation: http://shop.example.com/health\r\n\r\n' ;;
  circle) printf 'Status: 302 Found\r\nLocation: /cgi-bin/answer?circle\r\n\r\n' ;;
  host) printf 'Status: 400 Bad Request\r\n\r\nInvalid HTTP_HOST header\n' ;;
  busy) printf 'Status: 503 Service Unavailable\r\n\r\nwarming up \377\n' ;;
  echo) printf 'Content-Type: text/plain\r\n\r\nhost=%s\n' "$HTTP_HOST" ;;
  slow) sleep 100 ;;
esac
)";
constexpr char kServe[] =
    "mkdir -p /www/cgi-bin && cp /bin/answer /www/cgi-bin/answer && exec httpd -f -p 80 -h /www";

class CheckHealth : public StepsTest {
 protected:
  void SetUp() override {
    StepsTest::SetUp();
    const auto image = test::ImportBusyboxImage(ImageName("httpd"), {"/bin/sh", "-c", kServe},
                                                {.files = {{"/bin/answer", kAnswer}}});
    ASSERT_TRUE(image.ok()) << image.status();
    web_image_id_ = *image;
  }
  ContainerSpec Web() const {
    ContainerSpec spec = Spec({});
    spec.set_image(web_image_id_);
    return spec;
  }
  // A check that gives up after about a second, but for a probe that is under way.
  StepSpec Check() const {
    StepSpec spec;
    worker::v1::CheckHealth& check = *spec.mutable_check_health();
    check.set_container(Name("web"));
    check.mutable_healthcheck()->set_attempts(3);
    check.mutable_healthcheck()->mutable_interval()->set_nanos(300'000'000);
    check.mutable_healthcheck()->mutable_timeout()->set_seconds(20);
    return spec;
  }
  StepSpec CheckHttp(const std::string& path, int port = 80) const {
    StepSpec spec = Check();
    v1::HttpProbe& http = *spec.mutable_check_health()->mutable_healthcheck()->mutable_http();
    http.set_path(path);
    http.set_port(port);
    http.set_status("200-299");
    return spec;
  }
  // The same with more time, for what is going to succeed.
  static StepSpec Patient(StepSpec spec) {
    spec.mutable_check_health()->mutable_healthcheck()->set_attempts(180);
    return spec;
  }
  static v1::HttpProbe& Http(StepSpec& spec) {
    return *spec.mutable_check_health()->mutable_healthcheck()->mutable_http();
  }
  // A shell that waits for RunWhile in the midst of its script.
  ContainerSpec Waiting(const std::string& before, const std::string& after) const {
    return Spec({"/bin/sh", "-c", test::WaitingScript(before, after)});
  }
  // Checks, and lets the container go on once `due` says so.
  absl::StatusOr<worker::v1::StepOutputs> RunWhile(const StepSpec& spec,
                                                   const std::function<bool()>& due) {
    std::thread user([&] {
      const Call call = test::TestCall();
      while (!due() && call.Wait(absl::Milliseconds(10)).ok()) continue;
      test::LetGoOn(Name("web"));
    });
    auto result = Run(spec);
    user.join();
    return result;
  }
  bool HasProbed() const { return !reporter_.progress().empty(); }

  std::string web_image_id_;
};

TEST_F(CheckHealth, SeesAHealthyContainerAtOnce) {
  Start(Name("web"), Web());
  StepSpec spec = CheckHttp("/health");
  // Longer than the step may take: it does not wait for it.
  spec.mutable_check_health()->mutable_healthcheck()->mutable_interval()->set_seconds(600);
  const auto outputs = Run(spec);
  ASSERT_TRUE(outputs.ok()) << outputs.status() << FailureOf(outputs.status()).DebugString();
  EXPECT_THAT(outputs->summary(), ::testing::StartsWith("healthy after "));
  EXPECT_THAT(reporter_.progress().back().phase(), ::testing::EndsWith(": healthy"));
}

TEST_F(CheckHealth, WaitsForOneThatStartsSlowly) {
  Start(Name("web"), Waiting("", "exec httpd -f -p 80 -h /www"));
  const auto outputs = RunWhile(Patient(CheckHttp("/health")), [this] { return HasProbed(); });
  EXPECT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(reporter_.progress().front().phase(),
              ::testing::MatchesRegex("probe [0-9]+ of 180: connection refused"));
  EXPECT_EQ(reporter_.progress().front().total(), 0) << "the phase has counted already";
}

TEST_F(CheckHealth, WantsConsecutiveSuccesses) {
  Start(Name("web"), Web());
  StepSpec spec = Patient(CheckHttp("/health"));
  spec.mutable_check_health()->mutable_healthcheck()->set_successes(3);
  ASSERT_TRUE(Run(spec).ok());
  int healthy = 0;
  for (const auto& progress : reporter_.progress()) {
    healthy += absl::EndsWith(progress.phase(), "healthy");
  }
  EXPECT_EQ(healthy, 3);
}

TEST_F(CheckHealth, DoesNotProbeBeforeTheStartDelay) {
  Start(Name("web"), Web());
  StepSpec spec = Patient(CheckHttp("/health"));
  spec.mutable_check_health()->mutable_healthcheck()->mutable_start_delay()->set_nanos(700'000'000);
  const absl::Time begin = absl::Now();
  ASSERT_TRUE(Run(spec).ok());
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(700));
}

TEST_F(CheckHealth, ShowsTheStatusThatIsNotWanted) {
  Start(Name("web"), Web());
  ASSERT_TRUE(Run(Patient(CheckHttp("/health"))).ok());
  const v1::Failure failure = Fail(CheckHttp("/cgi-bin/answer?busy"));
  EXPECT_THAT(failure, HasCode(v1::HEALTH_STATUS));
  EXPECT_THAT(failure, Shows("/cgi-bin/answer?busy"));
  EXPECT_THAT(failure, Shows("status: 503"));
  EXPECT_THAT(failure, Shows("wanted status: 200-299"));
  EXPECT_THAT(failure, Shows("answer: warming up \xEF\xBF\xBD"));
  EXPECT_THAT(failure, Shows("probes: "));
  EXPECT_THAT(failure, Shows("elapsed: "));
}

TEST_F(CheckHealth, ShowsWhereARedirectLeads) {
  Start(Name("web"), Web());
  ASSERT_TRUE(Run(Patient(CheckHttp("/health"))).ok());
  StepSpec spec = CheckHttp("/cgi-bin/answer?redirect");
  for (const bool follow : {false, true}) {
    Http(spec).set_follow_redirects(follow);
    const v1::Failure failure = Fail(spec);
    EXPECT_THAT(failure, HasCode(v1::HEALTH_REDIRECT));
    EXPECT_THAT(failure, Shows("Location: https://example.com/health"));
    EXPECT_THAT(failure.likely_cause(), ::testing::HasSubstr("https"));
  }
}

TEST_F(CheckHealth, FollowsRedirectsWithinTheContainer) {
  Start(Name("web"), Web());
  StepSpec spec = Patient(CheckHttp("/cgi-bin/answer?within"));
  Http(spec).set_follow_redirects(true);
  Http(spec).set_body("ok");
  EXPECT_TRUE(Run(spec).ok());
  Http(spec).set_path("/cgi-bin/answer?named");
  Http(spec).set_host_header("shop.example.com");
  EXPECT_TRUE(Run(spec).ok());
  spec = CheckHttp("/cgi-bin/answer?circle");
  Http(spec).set_follow_redirects(true);
  EXPECT_THAT(Fail(spec), HasCode(v1::HEALTH_REDIRECT));
}

TEST_F(CheckHealth, SendsTheHostHeaderAndExplainsTrouble) {
  Start(Name("web"), Web());
  StepSpec spec = Patient(CheckHttp("/cgi-bin/answer?echo"));
  Http(spec).set_host_header("shop.example.com");
  Http(spec).set_body("host=shop.example.com");
  EXPECT_TRUE(Run(spec).ok());
  const v1::Failure failure = Fail(CheckHttp("/cgi-bin/answer?host"));
  EXPECT_THAT(failure, HasCode(v1::HEALTH_STATUS));
  EXPECT_THAT(failure.likely_cause(), ::testing::HasSubstr("ALLOWED_HOSTS"));
  EXPECT_THAT(failure.next_command(), ::testing::HasSubstr("host_header"));
}

TEST_F(CheckHealth, LooksForTextInTheAnswer) {
  Start(Name("web"), Web());
  ASSERT_TRUE(Run(Patient(CheckHttp("/health"))).ok());
  StepSpec spec = CheckHttp("/health");
  Http(spec).set_body("all is well");
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::HEALTH_ANSWER));
  EXPECT_THAT(failure, Shows("wanted text: all is well"));
  EXPECT_THAT(failure, Shows("answer: ok"));
}

TEST_F(CheckHealth, TakesPlainHttpForNoTls) {
  Start(Name("web"), Web());
  ASSERT_TRUE(Run(Patient(CheckHttp("/health"))).ok());
  StepSpec spec = CheckHttp("/health");
  Http(spec).set_scheme("https");
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::HEALTH_ANSWER));
  EXPECT_THAT(failure.likely_cause(), ::testing::HasSubstr("TLS"));
}

TEST_F(CheckHealth, ShowsWhatTheContainerListensOn) {
  Start(Name("web"), Web());
  ASSERT_TRUE(Run(Patient(CheckHttp("/health"))).ok());
  const v1::Failure failure = Fail(CheckHttp("/health", 8000));
  EXPECT_THAT(failure, HasCode(v1::HEALTH_REFUSED));
  EXPECT_THAT(failure, Shows(":80"));
  EXPECT_THAT(failure, Shows("the container listens on: "));
  EXPECT_THAT(failure.likely_cause(), ::testing::HasSubstr("another port than 8000"));
}

TEST_F(CheckHealth, SeesAnApplicationThatListensOnLoopbackOnly) {
  Start(Name("web"), Spec({"/bin/httpd", "-f", "-p", "127.0.0.1:80", "-h", "/www"}));
  const std::string until = "until wget -qO- http://127.0.0.1/health; do sleep 0.05; done";
  ASSERT_TRUE(engine_.Exec(Name("web"), {"/bin/sh", "-c", until}, test::TestCall()).ok());
  StepSpec spec = Check();
  spec.mutable_check_health()->mutable_healthcheck()->mutable_tcp()->set_port(80);
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::HEALTH_REFUSED));
  EXPECT_THAT(failure, Shows("127.0.0.1:80"));
  EXPECT_THAT(failure.next_command(), "make it listen on 0.0.0.0");
}

TEST_F(CheckHealth, ConnectsOverTcp) {
  Start(Name("web"), Web());
  StepSpec spec = Patient(Check());
  spec.mutable_check_health()->mutable_healthcheck()->mutable_tcp()->set_port(80);
  EXPECT_TRUE(Run(spec).ok());
}

TEST_F(CheckHealth, GivesUpOnAnApplicationThatDoesNotAnswer) {
  const test::SilentListener listener;
  ContainerSpec host = Spec();
  host.add_networks("host");
  Start(Name("web"), host);
  StepSpec spec = CheckHttp("/health", listener.port());
  spec.mutable_check_health()->mutable_healthcheck()->mutable_timeout()->set_seconds(0);
  spec.mutable_check_health()->mutable_healthcheck()->mutable_timeout()->set_nanos(300'000'000);
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::HEALTH_TIMEOUT));
  EXPECT_THAT(failure, Shows(absl::StrCat("http://127.0.0.1:", listener.port(), "/health")));
  EXPECT_THAT(failure, Shows("reason: "));
}

TEST_F(CheckHealth, EndsAtOnceWhenTheContainerExits) {
  Start(Name("web"), Waiting("echo going; echo down >&2", "exit 7"));
  const absl::Time begin = absl::Now();
  const auto result = RunWhile(Patient(CheckHttp("/health")), [this] { return HasProbed(); });
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30)) << "of 54 that it would have waited";
  const v1::Failure failure = FailureOf(result.status());
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_EXITED));
  EXPECT_THAT(failure, Shows("exit code: 7"));
  EXPECT_THAT(failure, Shows("last probe: GET http"));
  EXPECT_THAT(failure.log_tail(), ::testing::UnorderedElementsAre("going", "down"));
}

TEST_F(CheckHealth, HintsAtACommandThatIsNotThere) {
  Start(Name("web"), Spec({"/bin/sh", "-c", "no-such-program"}));
  const v1::Failure failure = Fail(Patient(CheckHttp("/health")));
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_EXITED));
  EXPECT_THAT(failure, Shows("exit code: 127"));
  EXPECT_THAT(failure.likely_cause(), ::testing::HasSubstr("does not exist in the image"));
}

TEST_F(CheckHealth, SeesThatMemoryRanOut) {
  ContainerSpec hungry = Waiting("", "exec tail /dev/zero");
  hungry.set_memory_limit_bytes(16 << 20);
  Start(Name("web"), hungry);
  test::LetGoOn(Name("web"));
  const v1::Failure failure = Fail(Patient(CheckHttp("/health")));
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_OUT_OF_MEMORY));
  EXPECT_THAT(failure, Shows("OOMKilled: true"));
}

TEST_F(CheckHealth, SeesARestartLoop) {
  Start(Name("web"), Spec({"/bin/sh", "-c", "echo again; exit 3"}), "always");
  const v1::Failure failure = Fail(Patient(CheckHttp("/health")));
  EXPECT_THAT(failure, HasCode(v1::CONTAINER_RESTART_LOOP));
  EXPECT_THAT(failure, Shows("exit code: 3"));
  EXPECT_THAT(failure.log_tail(), ::testing::Contains("again"));
}

TEST_F(CheckHealth, SaysThatTheContainerIsGone) {
  EXPECT_THAT(Fail(CheckHttp("/health")), HasCode(v1::CONTAINER_GONE));
}

TEST_F(CheckHealth, RunsACommandInTheContainer) {
  Start(Name("web"), Spec());
  StepSpec spec = Check();
  v1::ExecProbe& exec = *spec.mutable_check_health()->mutable_healthcheck()->mutable_exec();
  exec.add_command("/bin/true");
  EXPECT_TRUE(Run(Patient(spec)).ok());
  exec.clear_command();
  for (const char* word : {"/bin/sh", "-c", "echo no database; exit 4"}) exec.add_command(word);
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::HEALTH_COMMAND));
  EXPECT_THAT(failure, Shows("exit code: 4"));
  EXPECT_THAT(failure, Shows("output: no database"));
  EXPECT_THAT(failure.next_command(),
              ::testing::HasSubstr(absl::StrCat("`docker run --rm --entrypoint /bin/sh ", image_id_,
                                                " -c 'echo no database; exit 4'`")));
  exec.clear_command();
  exec.add_command("/no/such/program");
  const v1::Failure missing = Fail(spec);
  EXPECT_THAT(missing, HasCode(v1::HEALTH_COMMAND));
  EXPECT_THAT(missing.likely_cause(), ::testing::HasSubstr("does not exist"));
  EXPECT_THAT(missing.next_command(), ::testing::HasSubstr("docker run"));
}

TEST_F(CheckHealth, AsksTheImagesOwnHealthcheck) {
  const std::string image = ImageName("checked");
  const auto id = test::ImportBusyboxImage(
      image, {"/bin/sleep", "1000"},
      {.changes = {"HEALTHCHECK --interval=200ms CMD test -e /tmp/well || (echo unwell; exit 1)"}});
  ASSERT_TRUE(id.ok()) << id.status();
  ContainerSpec container = Spec();
  container.set_image(*id);
  Start(Name("web"), container);
  const Call call = test::TestCall();
  while (Inspect(Name("web")).health_output.empty() && call.Wait(absl::Milliseconds(20)).ok()) {
  }
  EXPECT_THAT(Fail(Check()), HasCode(v1::HEALTH_DOCKER)) << "it is taken without being named";
  StepSpec spec = Check();
  spec.mutable_check_health()->mutable_healthcheck()->mutable_docker();
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, Shows("unwell"));
  EXPECT_THAT(failure.next_command(), ::testing::HasSubstr("docker run --name try " + *id));
  ASSERT_TRUE(engine_.Exec(Name("web"), {"/bin/touch", "/tmp/well"}, test::TestCall()).ok());
  EXPECT_TRUE(Run(Patient(spec)).ok());
}

TEST_F(CheckHealth, SaysThatTheImageHasNoHealthcheck) {
  Start(Name("web"), Spec());
  StepSpec spec = Patient(Check());
  spec.mutable_check_health()->mutable_healthcheck()->mutable_docker();
  const v1::Failure failure = Fail(spec);
  EXPECT_THAT(failure, HasCode(v1::HEALTH_DOCKER));
  EXPECT_THAT(failure.message(), ::testing::HasSubstr("declares no HEALTHCHECK"));
}

TEST_F(CheckHealth, WithoutACheckItHasToStayUpForTwoSeconds) {
  const std::string id = Start(Name("web"), Spec());
  StepSpec spec = Patient(Check());
  const absl::Time begin = absl::Now();
  ASSERT_TRUE(Run(spec).ok());
  EXPECT_GE(absl::Now() - begin, absl::Seconds(1));
  ASSERT_TRUE(engine_.RemoveContainer(id, test::TestCall()).ok());
  Start(Name("web"), Spec({"/bin/sleep", "0.5"}));
  EXPECT_THAT(Fail(spec), HasCode(v1::CONTAINER_EXITED));
}

TEST_F(CheckHealth, ReportsEachLineOfOutputOnce) {
  Start(Name("web"),
        Waiting("for i in $(seq 200); do echo line $i; done", "echo last; sleep 1000"));
  std::string wanted;
  for (int i = 1; i <= 200; ++i) absl::StrAppend(&wanted, "line ", i, "\n");
  CancelToken heard;
  StepContext context = Context("step");
  context.call.cancel = &heard;
  std::thread listener([&] {
    const Call call = test::TestCall();
    while (reporter_.logs().size() < 200 && call.Wait(absl::Milliseconds(10)).ok()) continue;
    EXPECT_EQ(reporter_.text(), wanted) << "live";
    test::LetGoOn(Name("web"));
    while (reporter_.logs().size() < 201 && call.Wait(absl::Milliseconds(10)).ok()) continue;
    heard.Cancel();
  });
  EXPECT_FALSE(Run(Patient(CheckHttp("/health")), context).ok());
  listener.join();
  EXPECT_EQ(reporter_.text(), wanted + "last\n");

  // A controller that has some of it gets the rest.
  context = Context("step");
  context.after_log = reporter_.logs()[149].position();
  Recorder rest;
  EXPECT_FALSE(runners_.at(StepSpec::kCheckHealth)->Run(CheckHttp("/health"), context, rest).ok());
  EXPECT_THAT(rest.text(), ::testing::StartsWith("line 151\n"));
}

TEST_F(CheckHealth, ShowsTheLastHundredLines) {
  Start(Name("web"),
        Spec({"/bin/sh", "-c",
              "i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo line $i; done; printf '\\377\\n'; "
              "exit 1"}));
  const v1::Failure failure = Fail(Patient(CheckHttp("/health")));
  ASSERT_EQ(failure.log_tail_size(), 100);
  EXPECT_EQ(failure.log_tail(0), "line 52");
  EXPECT_EQ(failure.log_tail(99), "\xEF\xBF\xBD");
}

TEST_F(CheckHealth, EndsWithTheStep) {
  Start(Name("web"), Spec());
  CancelToken token;
  StepContext context = Context("step");
  context.call.cancel = &token;
  std::thread canceller([&] {
    EXPECT_TRUE(reporter_.AwaitProgress());
    token.Cancel();
  });
  const absl::Time begin = absl::Now();
  const auto result = Run(Patient(CheckHttp("/health")), context);
  canceller.join();
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30)) << "of 54 that it would have waited";
}

}  // namespace
}  // namespace davit::steps
