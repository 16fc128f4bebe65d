// Writes environments that libFuzzer makes up as files of each format, and reads them
// back: what is not refused comes back byte for byte.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/env_file/env_file.h"
#include "common/failure/failure.h"
#include "tests/fuzz/env_file_readers.h"

namespace {

using davit::Demand;
using davit::EnvOf;

// The values lie one after the other, with a byte between them that no UTF-8 has.
EnvOf EnvironmentOf(absl::string_view data) {
  EnvOf env;
  for (const absl::string_view value : absl::StrSplit(data, '\xff')) {
    env[absl::StrCat("V", env.size())] = std::string(value);
  }
  return env;
}

// What is left of it for the format.
EnvOf Carried(absl::string_view format, const EnvOf& env) {
  EnvOf carried;
  for (const auto& [name, value] : env) {
    const absl::Status status = davit::CheckEnvValue(format, name, value);
    Demand(status.ok() || davit::IsFailure(status, davit::v1::FILE_FORMAT));
    Demand(status.ok() == davit::WriteEnvFile(format, {{name, value}}).ok());
    if (status.ok()) carried[name] = value;
  }
  return carried;
}

std::string FileOf(absl::string_view format, const EnvOf& env) {
  const auto file = davit::WriteEnvFile(format, env);
  Demand(file.ok());
  return *file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const EnvOf all = EnvironmentOf({reinterpret_cast<const char*>(data), size});
  const EnvOf dotenv = Carried("dotenv", all);
  Demand(davit::ReadAsPythonDotenv(FileOf("dotenv", dotenv)) == dotenv);
  Demand(davit::ReadAsDjangoEnviron(FileOf("dotenv", dotenv)) == dotenv);
  const EnvOf docker = Carried("docker", all);
  Demand(davit::ReadAsDocker(FileOf("docker", docker)) == docker);
  const EnvOf json = Carried("json", all);
  Demand(nlohmann::json::parse(FileOf("json", json)).get<EnvOf>() == json);
  Demand(dotenv.size() <= json.size() && docker.size() <= json.size());
  return 0;
}
