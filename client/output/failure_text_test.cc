#include "client/output/failure_text.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "client/output/event_maker.h"

namespace davit::output {
namespace {

TEST(ErrorText, StandsOnAsFewLinesAsItHas) {
  EXPECT_EQ(ErrorText(HealthFailure(), Style{}),
            "error: GET /health answered 500, wanted 200-399 (HEALTH_STATUS)\n"
            "  - 12 probes in 8.0s\n"
            "  Last lines of its log:\n"
            "    | boot done\n"
            "  Likely: the application is broken\n"
            "  Next:   read the log lines above\n");
}

TEST(ErrorText, IsBrokenBetweenWordsButForTheLog) {
  v1::Failure failure = HealthFailure();
  failure.add_log_tail("a line that is longer than the terminal");
  EXPECT_EQ(ErrorText(failure, Style{.width = 28}),
            "error: GET /health answered\n"
            "500, wanted 200-399\n"
            "(HEALTH_STATUS)\n"
            "  - 12 probes in 8.0s\n"
            "  Last lines of its log:\n"
            "    | boot done\n"
            "    | a line that is longer than the terminal\n"
            "  Likely: the application is\n"
            "          broken\n"
            "  Next:   read the log lines\n"
            "          above\n");
}

v1::Failure TwoThings() {
  v1::Failure failure;
  failure.set_code(v1::PORT_IN_USE);
  failure.set_message("port 80 is taken");
  failure.set_next_command("what is said of all of them");
  v1::Failure& port = *failure.add_parts();
  port.set_code(v1::PORT_IN_USE);
  port.set_message("port 80 is taken");
  port.set_next_command("stop nginx");
  v1::Failure& volume = *failure.add_parts();
  volume.set_code(v1::VOLUME_UNWRITABLE);
  volume.set_message("uid 1000 cannot write /data");
  volume.add_evidence("/srv/data is root's");
  return failure;
}

TEST(FailureLines, HaveEachPartWithItsOwnEvidenceAndAdvice) {
  EXPECT_EQ(absl::StrJoin(FailureLines(TwoThings(), Style{}), "\n"),
            "port 80 is taken (PORT_IN_USE)\n"
            "  Next:   stop nginx\n"
            "uid 1000 cannot write /data (VOLUME_UNWRITABLE)\n"
            "  - /srv/data is root's");
}

TEST(ErrorText, IsAnErrorForEachPart) {
  EXPECT_EQ(ErrorText(TwoThings(), Style{}),
            "error: port 80 is taken (PORT_IN_USE)\n"
            "  Next:   stop nginx\n"
            "error: uid 1000 cannot write /data (VOLUME_UNWRITABLE)\n"
            "  - /srv/data is root's\n");
}

TEST(FailureLines, IndentFactsThatBelongToTheOneBefore) {
  v1::Failure failure;
  failure.set_code(v1::MIGRATION_FAILED);
  failure.set_message("no");
  failure.add_evidence("it has left:");
  failure.add_evidence("  a table");
  const std::vector<std::string> wanted = {"no (MIGRATION_FAILED)",
                                           "  - it has left:", "    - a table"};
  EXPECT_EQ(FailureLines(failure, Style{}), wanted);
}

}  // namespace
}  // namespace davit::output
