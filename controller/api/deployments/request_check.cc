#include "controller/api/deployments/request_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"
#include "common/spec/loader.h"
#include "controller/core/database/work.h"

namespace davit::api {
namespace {

constexpr size_t kShortestRequestId = 8;
constexpr size_t kLongestRequestId = 100;
constexpr size_t kLongestSubmitter = 400;  // with the name of a certificate

std::string KnownApps(const v1::EnvironmentSpec& spec) {
  std::set<std::string> names;
  for (const auto& [name, app] : spec.apps()) names.insert(name);
  return names.empty() ? "it has none" : absl::StrCat("it has ", absl::StrJoin(names, ", "));
}

void CheckApps(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  std::set<std::string> seen;
  for (const std::string& app : request.apps()) {
    if (!request.spec().apps().contains(app)) {
      problems.push_back(absl::StrCat("there is no app ", app, " in this environment; ",
                                      KnownApps(request.spec())));
    } else if (!seen.insert(app).second) {
      problems.push_back(absl::StrCat("the app ", app, " is named twice"));
    }
  }
}

// What is wrong with naming `app` as one that gets `what`.
void CheckDeployed(const v1::DeploymentRequest& request, const std::string& app,
                   absl::string_view what, std::vector<std::string>& problems) {
  const auto& apps = request.apps();
  if (!request.spec().apps().contains(app)) {
    problems.push_back(absl::StrCat(what, " is given for ", app,
                                    ", which is no app of this environment; ",
                                    KnownApps(request.spec())));
  } else if (!apps.empty() && std::find(apps.begin(), apps.end(), app) == apps.end()) {
    problems.push_back(absl::StrCat(what, " is given for ", app, ", which is not deployed"));
  }
}

bool IsContainerName(absl::string_view name) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
  };
  return !name.empty() && absl::ascii_isalnum(name.front()) &&
         std::all_of(name.begin(), name.end(), fits);
}

void CheckAdopt(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  const std::map<std::string, std::string> adopt(request.adopt().begin(), request.adopt().end());
  std::map<std::string, std::string> app_by_name;
  for (const auto& [app, name] : adopt) {
    CheckDeployed(request, app, "a container to adopt", problems);
    if (!IsContainerName(name)) {
      problems.push_back(
          absl::StrCat("'", name, "', to be adopted for ", app, ", is no name of a container"));
    }
    const auto [other, inserted] = app_by_name.emplace(name, app);
    if (!inserted) {
      problems.push_back(absl::StrCat("the container ", name, " cannot be adopted for both ",
                                      other->second, " and ", app));
    }
  }
}

void CheckBuiltImage(const std::string& app, const v1::BuiltImage& built,
                     std::vector<std::string>& problems) {
  const auto reference = spec::ParseImageReference(built.reference());
  if (!reference.ok()) {
    problems.push_back(
        absl::StrCat("the built image of ", app, ": ", reference.status().message()));
  }
  if (built.digests().empty() && built.image_id().empty()) {
    problems.push_back(absl::StrCat("the built image of ", app, " has neither an id nor a digest"));
  }
  for (const std::string& digest : built.digests()) {
    const auto parsed = spec::ParseImageReference(digest);
    if (parsed.ok() && !parsed->digest.empty()) continue;
    problems.push_back(
        absl::StrCat("'", digest, "', of the built image of ", app, ", is no digest"));
  }
}

void CheckBuilt(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  const std::map<std::string, v1::BuiltImage> built(request.built().begin(), request.built().end());
  for (const auto& [app, image] : built) {
    CheckDeployed(request, app, "a built image", problems);
    CheckBuiltImage(app, image, problems);
  }
}

void CheckImages(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  // The map has no order of its own, and the answer should be the same each time.
  const std::map<std::string, std::string> images(request.images().begin(), request.images().end());
  for (const auto& [app, image] : images) {
    CheckDeployed(request, app, "an image", problems);
    if (const auto parsed = spec::ParseImageReference(image); !parsed.ok()) {
      problems.push_back(absl::StrCat("the image of ", app, ": ", parsed.status().message()));
    }
  }
}

void CheckRollback(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  if (!request.has_rollback()) return;
  const auto& given = request.rollback().releases();
  const std::map<std::string, int64_t> releases(given.begin(), given.end());
  for (const auto& [app, number] : releases) {
    CheckDeployed(request, app, "a release to go back to", problems);
    if (number < 0) {
      problems.push_back(absl::StrCat("there is no release v", number, " of ", app));
    }
  }
  if (request.images_size() + request.built_size() + request.adopt_size() > 0) {
    problems.emplace_back("a rollback takes images and containers from its releases");
  }
}

void CheckWork(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  const absl::Status status = core::CheckDatabaseWork(request);
  if (status.ok()) return;
  const v1::Failure failure = FailureOf(status);
  problems.insert(problems.end(), failure.evidence().begin(), failure.evidence().end());
}

std::vector<std::string> ProblemsOf(const v1::DeploymentRequest& request) {
  std::vector<std::string> problems = spec::ValidateEnvironment(request.spec());
  CheckApps(request, problems);
  CheckImages(request, problems);
  CheckAdopt(request, problems);
  CheckBuilt(request, problems);
  CheckWork(request, problems);
  CheckRollback(request, problems);
  if (request.submitted_by().size() > kLongestSubmitter) {
    problems.push_back(absl::StrCat("submitted_by is longer than ", kLongestSubmitter, " bytes"));
  }
  return problems;
}

absl::Status Refuse(std::vector<std::string> problems) {
  if (problems.empty()) return absl::OkStatus();
  const std::string message =
      problems.size() == 1
          ? std::string("the deployment cannot be made: one thing is wrong")
          : absl::StrCat("the deployment cannot be made: ", problems.size(), " things are wrong");
  return FailureStatus(v1::SPEC_INVALID, message, std::move(problems));
}

}  // namespace

absl::Status CheckDeploymentRequest(const v1::DeploymentRequest& request) {
  return Refuse(ProblemsOf(request));
}

absl::Status CheckCreateRequest(const v1::CreateDeploymentRequest& request) {
  std::vector<std::string> problems = ProblemsOf(request.deployment());
  const size_t length = request.request_id().size();
  if (length < kShortestRequestId || length > kLongestRequestId) {
    problems.push_back(absl::StrCat("request_id must have ", kShortestRequestId, " to ",
                                    kLongestRequestId, " characters, not ", length));
  }
  return Refuse(std::move(problems));
}

}  // namespace davit::api
