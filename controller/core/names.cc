#include "controller/core/names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace davit::core {
namespace {

constexpr absl::string_view kCandidatePrefix = "davit-";

}  // namespace

std::string ServiceName(const v1::EnvironmentSpec& spec, const std::string& app) {
  const auto found = spec.apps().find(app);
  if (found != spec.apps().end() && !found->second.container().name().empty()) {
    return found->second.container().name();
  }
  return absl::StrCat(spec.project(), "-", app);
}

std::string CandidateName(absl::string_view step_id) {
  return absl::StrCat(kCandidatePrefix, step_id);
}

absl::string_view StepOfCandidate(absl::string_view name) {
  return absl::ConsumePrefix(&name, kCandidatePrefix) ? name : absl::string_view();
}

std::string OneOffName(absl::string_view step_id, int attempt) {
  return absl::StrCat(kCandidatePrefix, step_id, "-", attempt);
}

std::string ReplacedName(absl::string_view service_name, absl::string_view deployment_id) {
  return absl::StrCat(service_name, "-replaced-", deployment_id);
}

std::string KeepRepository(absl::string_view project, absl::string_view environment,
                           absl::string_view app) {
  return absl::StrCat("davit.keep/", project, "/", environment, "/", app);
}

std::string KeepTag(int64_t number) { return absl::StrCat("v", number); }

std::string FilesOf(absl::string_view project, absl::string_view environment,
                    absl::string_view app) {
  return absl::StrCat(project, "/", environment, "/", app);
}

std::string FilesDirectory(const v1::Release& release) {
  return absl::StrCat(FilesOf(release.project(), release.environment(), release.app()), "/",
                      release.number());
}

std::string FilesDirectoryOfCheck(const v1::Release& release) {
  return absl::StrCat(FilesOf(release.project(), release.environment(), release.app()), "/",
                      release.deployment_id());
}

std::string AppVersion(absl::string_view app, int64_t number) {
  return absl::StrCat(app, " v", number);
}

}  // namespace davit::core
