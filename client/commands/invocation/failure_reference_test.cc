// docs/failures.md is made of the catalogue. DAVIT_REWRITE_GOLDEN=1 writes it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/invocation/exit_code.h"
#include "common/failure/catalogue.h"
#include "common/failure/failure.h"

namespace davit::commands {
namespace {

constexpr char kPath[] = DAVIT_SOURCE_DIR "/docs/failures.md";

constexpr char kIntroduction[] =
    R"(<!-- Made of common/failure/catalogue.cc: DAVIT_REWRITE_GOLDEN=1 client_test writes it. -->
# Failures

What fails says a code, what was seen, why most likely, and what to do next. Codes keep their names and their
meaning. What is told of a case goes before what is written here, which is what is known before anything was
looked at. Where several things were found at once, each is told as a failure of its own.

*Exit code* is that of a command that is refused with the code. A deployment that was begun ends with 1 when
nothing had been changed, with 3 when it was rolled back or all that stays is a schema that no older code is hurt by,
with 4 when a human is needed, with 6 when a host or its Docker Engine was not reachable; `davit doctor` ends with
1 when it finds something.

## With `--json`

| What | On standard output |
|---|---|
| a command that is refused or cannot be carried out | a line `{"failure": {"code": …}}` |
| a step of a deployment that fails (`deploy`, `promote`, `watch`) | the event of the step, which has `step.failure`; no line `{"failure": …}` |
| a deployment that ends badly | its last event, which has `deployment.state` and `deployment.failure`; where the rollback failed as well, or a schema stays that is not safe, `deployment.rollback_failure` |
| what was done to a database | the event of the step, which has `step.backup` or `step.migration`, the latter also when it failed |
| `rollback` or `restore` that nobody could confirm | a line `{"failure": …, "plan": …}`; the plan is what `davit plan --json` prints |
| `davit doctor` | one object with `findings`, each with its `failure` |
| several things at once | one failure with `parts`, each a failure; its own `code` and `message` are those of the first |

Output under a step is `log.data` of an event, in base64, as it need not be text; `davit logs --json` has an object
a line instead, with `text`.
)";

std::string EntryText(const CatalogueEntry& entry) {
  std::string text =
      absl::StrCat("\n## ", v1::FailureCode_Name(entry.code), "\n\n", entry.meaning, "\n\n");
  if (!entry.likely_cause.empty()) {
    absl::StrAppend(&text, "- Likely: ", entry.likely_cause, ".\n");
  }
  absl::StrAppend(&text, "- Next: ", entry.next_command, ".\n");
  if (entry.retryable) absl::StrAppend(&text, "- The same again may succeed.\n");
  return absl::StrCat(text, "- Exit code: ", ExitCodeOf(FailureStatus(entry.code, "")), ".\n");
}

std::string Reference() {
  std::string text = kIntroduction;
  for (const CatalogueEntry& entry : FailureCatalogue()) absl::StrAppend(&text, EntryText(entry));
  return text;
}

TEST(FailureReference, SaysWhatTheCatalogueSays) {
  const std::string wanted = Reference();
  if (std::getenv("DAVIT_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(kPath) << wanted;
    return;
  }
  std::ostringstream written;
  written << std::ifstream(kPath).rdbuf();
  EXPECT_EQ(written.str(), wanted);
}

}  // namespace
}  // namespace davit::commands
