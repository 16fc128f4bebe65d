#include "controller/api/request_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"
#include "common/spec/loader.h"

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

void CheckImages(const v1::DeploymentRequest& request, std::vector<std::string>& problems) {
  const auto& apps = request.apps();
  // The map has no order of its own, and the answer should be the same each time.
  const std::map<std::string, std::string> images(request.images().begin(), request.images().end());
  for (const auto& [app, image] : images) {
    if (!request.spec().apps().contains(app)) {
      problems.push_back(absl::StrCat("an image is given for ", app,
                                      ", which is no app of this environment; ",
                                      KnownApps(request.spec())));
    } else if (!apps.empty() && std::find(apps.begin(), apps.end(), app) == apps.end()) {
      problems.push_back(absl::StrCat("an image is given for ", app, ", which is not deployed"));
    }
    if (const auto parsed = spec::ParseImageReference(image); !parsed.ok()) {
      problems.push_back(absl::StrCat("the image of ", app, ": ", parsed.status().message()));
    }
  }
}

std::vector<std::string> ProblemsOf(const v1::DeploymentRequest& request) {
  std::vector<std::string> problems = spec::ValidateEnvironment(request.spec());
  CheckApps(request, problems);
  CheckImages(request, problems);
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

absl::Status CheckEnvironmentNamed(absl::string_view project, absl::string_view environment) {
  if (!project.empty() && !environment.empty()) return absl::OkStatus();
  return FailureStatus(v1::SPEC_INVALID, "project and environment must be given");
}

}  // namespace davit::api
