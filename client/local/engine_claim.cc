#include "client/local/engine_claim.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"

namespace davit::local {
namespace {

// It may be another program's, with data in it that is nowhere else.
constexpr char kFreeingTheName[] =
    "see whose it is with `docker volume inspect davit-agent`; when what is in it is kept "
    "elsewhere "
    "or nobody needs it, `docker volume rm davit-agent` makes room for Davit's";

}  // namespace

absl::StatusOr<std::string> DockerSocket(const std::string& option, const Variable& variable) {
  std::string address = option.empty() ? variable("DOCKER_HOST").value_or("") : option;
  if (address.empty()) return "/var/run/docker.sock";
  absl::string_view path = address;
  absl::ConsumePrefix(&path, "unix://");
  if (absl::StartsWith(path, "/")) return std::string(path);
  v1::Failure failure =
      MakeFailure(v1::SPEC_INVALID, absl::StrCat("the Docker Engine's address \"", address,
                                                 "\" is no Unix socket of this machine"));
  failure.set_next_command("give --docker-socket /var/run/docker.sock, or unset DOCKER_HOST");
  return FailureStatus(failure);
}

absl::StatusOr<std::string> ClaimAgentDirectory(
    const std::string& default_directory,
    absl::FunctionRef<absl::StatusOr<Labels>(const Labels&)> create_volume) {
  const auto labels = create_volume({{kClaimLabel, default_directory}});
  if (!labels.ok()) return labels.status();
  const auto found = labels->find(kClaimLabel);
  if (found != labels->end() && absl::StartsWith(found->second, "/")) return found->second;
  v1::Failure failure = MakeFailure(
      v1::NAME_IN_USE, absl::StrCat("the Docker volume ", kClaimVolume, " is not one of Davit's"),
      {absl::StrCat("it lacks the label ", kClaimLabel)});
  failure.set_likely_cause("another program made it, or somebody by hand");
  failure.set_next_command(kFreeingTheName);
  return FailureStatus(failure);
}

std::optional<std::string> ClaimLostTo(
    const std::string& directory,
    absl::FunctionRef<absl::StatusOr<Labels>(const Labels&)> create_volume) {
  const absl::StatusOr<std::string> claimed = ClaimAgentDirectory(directory, create_volume);
  if (!claimed.ok() || *claimed == directory) return std::nullopt;
  std::error_code error;  // the same directory may be spelt in two ways
  if (std::filesystem::equivalent(*claimed, directory, error)) return std::nullopt;
  return *claimed;
}

}  // namespace davit::local
