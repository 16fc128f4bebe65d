#ifndef DAVIT_WORKER_DATABASE_MIGRATION_ERROR_LINE_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_ERROR_LINE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// The line of a migration's output that says why it failed, where its words are not known: for
// what RecognizeMigrationFailure knows nothing of. Lines are as they were said, without blanks
// around them, and may be cut ("…"); they are not masked.
namespace davit::database {

struct ErrorLine {
  std::string text;  // what it says: "division by zero", "KeyError: 'vat'"
  std::string line;  // the whole of it: "psql:a.sql:3: ERROR:  division by zero"
};

// The last line that is an error by its form: psql's and other clients' ERROR and FATAL, the
// exception at the end of a traceback or a stack trace (Python, Ruby, Java, JavaScript), `error:`
// and the like at a line's beginning, a shell's `not found`. nullopt where none is.
std::optional<ErrorLine> FindErrorLine(absl::string_view output);

// The last line that says anything; empty where none does. Neither a stack frame nor what only
// says that something else has failed.
std::string LastLine(absl::string_view output);

// What a server says by the way, what follows from an error before, and what may quote rows,
// statements or the source that ran.
bool SaysNoError(absl::string_view line);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_ERROR_LINE_H_
