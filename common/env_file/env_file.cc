#include "common/env_file/env_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/env_file/line_formats.h"
#include "common/failure/failure.h"

namespace davit {
namespace {

absl::Status FormatRefusal(absl::string_view format, absl::string_view name,
                           absl::string_view reason) {
  v1::Failure failure =
      MakeFailure(v1::FILE_FORMAT, absl::StrCat("The format ", format, " cannot carry ", name, ": ",
                                                reason, format == "json" ? "." : "; use json."));
  if (format == "json") failure.set_next_command("set another value");
  return FailureStatus(failure);
}

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// What no file of texts can carry.
absl::Status CheckText(absl::string_view format, absl::string_view name, absl::string_view value) {
  if (!IsVariableName(name)) return FormatRefusal(format, name, "it is no name of a variable");
  if (absl::StrContains(value, '\0')) return FormatRefusal(format, name, "it has a zero byte");
  try {
    nlohmann::json(std::string(value)).dump();
  } catch (const nlohmann::json::exception&) {
    return FormatRefusal("json", name, "it is no UTF-8 text");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WriteVariable(absl::string_view format, absl::string_view name,
                                          absl::string_view value) {
  if (absl::Status status = CheckText(format, name, value); !status.ok()) return status;
  EnvLine line;
  if (format == "docker") line = DockerLine(name, value);
  if (format == "dotenv") line = DotenvLine(name, value);
  if (line.refusal.empty()) return std::move(line.text);
  return FormatRefusal(format, name, absl::StrCat("its value ", line.refusal));
}

absl::Status CheckFormat(absl::string_view format) {
  if (format == "dotenv" || format == "docker" || format == "json") return absl::OkStatus();
  return FailureStatus(v1::FILE_FORMAT, absl::StrCat("There is no format ", format,
                                                     " of environments: dotenv, docker, json."));
}

}  // namespace

absl::StatusOr<std::string> WriteEnvFile(absl::string_view format,
                                         const std::map<std::string, std::string>& env) {
  if (absl::Status status = CheckFormat(format); !status.ok()) return status;
  std::string lines;
  for (const auto& [name, value] : env) {
    absl::StatusOr<std::string> line = WriteVariable(format, name, value);
    if (!line.ok()) return line.status();
    absl::StrAppend(&lines, *line, "\n");
  }
  if (format != "json") return lines;
  return absl::StrCat(nlohmann::json(env).dump(2), "\n");
}

absl::Status CheckEnvValue(absl::string_view format, absl::string_view name,
                           absl::string_view value) {
  if (absl::Status status = CheckFormat(format); !status.ok()) return status;
  return WriteVariable(format, name, value).status();
}

}  // namespace davit
