#include "client/output/failure_text.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace davit::output
