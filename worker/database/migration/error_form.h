#ifndef DAVIT_WORKER_DATABASE_MIGRATION_ERROR_FORM_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_ERROR_FORM_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// One line of a program's output by its form, whatever its words mean. Lines have no blanks
// around them.
namespace davit::database {

// What it says as an error: "division by zero" of "PG::DivisionByZero: ERROR:  division by
// zero"; ends with ':' where the next line has the rest. nullopt: it is none.
std::optional<std::string> ErrorTextOf(absl::string_view line);

// Of the line that ends a Python traceback: "KeyError: 'vat'", without the class's module.
std::string ExceptionText(absl::string_view line);

// Whether a shell says with it that a command could not be run: only a script's last line
// tells why it failed.
bool IsShellError(absl::string_view line);

// A frame of a stack, or a mark under a piece of source.
bool IsStackFrame(absl::string_view line);

// Says only that something else has failed, or nothing: "exit status 1", "Node.js v20.1.0".
bool IsAfterword(absl::string_view line);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_ERROR_FORM_H_
