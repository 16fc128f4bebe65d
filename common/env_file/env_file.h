#ifndef DAVIT_COMMON_ENV_FILE_ENV_FILE_H_
#define DAVIT_COMMON_ENV_FILE_ENV_FILE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit {

// An environment as a file, for applications that read one. The formats (those of
// EnvMount.format), each held to its readers by tests/env_files:
//   dotenv  what python-dotenv and django-environ both read as the same
//   docker  `docker run --env-file`
//   json    one object of texts
// The file ends with a line break; variables are sorted by name.
//
// INVALID_ARGUMENT with FILE_FORMAT names the variable and what of its value the
// format cannot carry, never the value.
absl::StatusOr<std::string> WriteEnvFile(absl::string_view format,
                                         const std::map<std::string, std::string>& env);

// Whether the file's format can carry the variable: for a look before it is
// written. The same errors.
absl::Status CheckEnvValue(absl::string_view format, absl::string_view name,
                           absl::string_view value);

}  // namespace davit

#endif  // DAVIT_COMMON_ENV_FILE_ENV_FILE_H_
