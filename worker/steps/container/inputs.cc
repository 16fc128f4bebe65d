#include "worker/steps/container/inputs.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/secret/secret_key.h"
#include "worker/steps/container/secrets.h"
#include "worker/steps/files/release_files.h"

namespace davit::steps {
namespace {

using worker::v1::ContainerSpec;
using worker::v1::SecretUse;

absl::Status ValueMissing(const std::string& variable, const SecretUse& use) {
  return FailureStatus(
      v1::INTERNAL,
      absl::StrCat("the value of the secret ", use.name(), " did not come with the step"),
      {absl::StrCat("variable: ", variable), absl::StrCat("version: ", use.version())});
}

absl::Status FileGone(const std::string& path, const std::string& target) {
  v1::Failure failure =
      MakeFailure(v1::FILE_UNREADABLE, absl::StrCat("the release's file for ", target, " is gone"),
                  {absl::StrCat("it should be at: ", path)});
  failure.set_likely_cause("somebody has removed it from Davit's state directory");
  failure.set_next_command("deploy again");
  return FailureStatus(failure);
}

bool IsFile(const std::string& path) {
  struct stat found;
  return lstat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> EnvironmentOf(const ContainerSpec& spec,
                                                                 const SecretValues& secrets) {
  std::map<std::string, std::string> environment(spec.env().begin(), spec.env().end());
  for (const auto& [variable, use] : spec.secret_env()) {
    const auto value = secrets.find(SecretKey(use));
    if (value == secrets.end()) return ValueMissing(variable, use);
    environment[variable] = value->second;
  }
  return environment;
}

absl::StatusOr<ContainerSpec> WithInputs(const ContainerSpec& spec, const SecretValues& secrets,
                                         const std::string& state_directory) {
  const auto environment = EnvironmentOf(spec, secrets);
  if (!environment.ok()) return environment.status();
  ContainerSpec inputs = spec;
  inputs.clear_secret_env();
  LabelSecrets(spec, inputs);
  inputs.clear_files();
  *inputs.mutable_env() = {environment->begin(), environment->end()};
  if (spec.files().empty()) return inputs;
  const auto directory = ReleaseFiles(state_directory).PathOf(spec.files_directory());
  if (!directory.ok()) return directory.status();
  for (const worker::v1::ReleaseFile& file : spec.files()) {
    const std::string path = absl::StrCat(*directory, "/", file.name());
    if (!IsFile(path)) return FileGone(path, file.target());
    worker::v1::Mount& mount = *inputs.add_mounts();
    mount.set_source(path);
    mount.set_target(file.target());
    mount.set_read_only(true);
  }
  return inputs;
}

}  // namespace davit::steps
