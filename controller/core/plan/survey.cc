#include "controller/core/plan/survey.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"
#include "controller/core/names.h"
#include "controller/core/observed.h"
#include "controller/core/plan/plan_builder.h"
#include "controller/core/plan/planner.h"
#include "controller/core/plan/secret_use.h"
#include "controller/core/restoration/restoration.h"

namespace davit::core {
namespace {

// A tag may move in a registry that is named; elsewhere what is here counts.
std::string PullPolicyOf(const v1::App& app, const std::string& reference) {
  if (!app.pull_policy().empty()) return app.pull_policy();
  const absl::StatusOr<spec::ImageReference> image = spec::ParseImageReference(reference);
  return image.ok() && !image->registry.empty() ? "always" : "missing";
}

// The digest in the repository that the reference names; another one where the image
// was pushed to others alone.
std::string BuiltDigest(const v1::BuiltImage& built) {
  const absl::StatusOr<spec::ImageReference> image = spec::ParseImageReference(built.reference());
  for (const std::string& digest : built.digests()) {
    if (image.ok() && absl::StartsWith(digest, absl::StrCat(image->Name(), "@"))) return digest;
  }
  return built.digests(0);
}

// What was built is taken as it was built: its tag may have moved since.
worker::v1::ResolveImage ResolveOf(const state::v1::DeploymentRecord& record,
                                   const v1::Release& release) {
  worker::v1::ResolveImage resolve;
  const state::v1::ReleaseRecord* restored = RestoredOf(record, release.app());
  if (restored != nullptr) {
    resolve = ResolveRestored(*restored);
  } else {
    resolve.set_reference(release.image_reference());
    resolve.set_pull_policy(
        PullPolicyOf(record.request().spec().apps().at(release.app()), release.image_reference()));
  }
  for (worker::v1::RegistryLogin& login : Logins(record)) *resolve.add_logins() = std::move(login);
  const auto built = record.request().built().find(release.app());
  if (built == record.request().built().end()) return resolve;
  if (built->second.digests().empty()) {
    resolve.set_image_id(built->second.image_id());
    resolve.set_pull_policy("never");
  } else {
    resolve.set_reference(BuiltDigest(built->second));
  }
  return resolve;
}

std::string FindTitle(const state::v1::DeploymentRecord& record, const v1::Release& release) {
  const std::string image = absl::StrCat("find image ", release.image_reference());
  const state::v1::ReleaseRecord* restored = RestoredOf(record, release.app());
  if (restored == nullptr) return image;
  return absl::StrCat(image, " of ", AppVersion(release.app(), restored->view().number()));
}

// Of what stands there instead of a release's container, it matters what is lost with it.
worker::v1::Observe ObserveFor(const state::v1::DeploymentRecord& record) {
  std::set<std::string> names;
  for (const v1::Release& release : record.view().releases()) {
    names.insert(ServiceName(record.request().spec(), release.app()));
    const std::string adopted = AdoptedName(record, release.app());
    if (!adopted.empty()) names.insert(adopted);
  }
  worker::v1::Observe observe;
  *observe.mutable_settings_of() = {names.begin(), names.end()};
  return observe;
}

absl::Status CheckImage(const v1::Release& release, const worker::v1::ResolvedImage& image) {
  if (IsFound(image)) return absl::OkStatus();
  return FailureStatus(v1::IMAGE_NOT_FOUND,
                       absl::StrCat("there is no image ", release.image_reference(),
                                    ", neither in a registry nor on the host"));
}

absl::Status CheckComplete(const DeploymentState& state, Survey& survey) {
  for (const std::string& host : state.record.view().hosts()) {
    if (!survey.hosts.contains(host)) {
      return FailureStatus(v1::INTERNAL, absl::StrCat("host ", host, " was not observed"));
    }
  }
  for (const v1::Release& release : state.record.view().releases()) {
    const auto found = survey.images.find(release.app());
    if (found != survey.images.end()) {
      absl::Status status = CheckImage(release, *found->second);
      if (status.ok()) continue;
      // Who only checks wants to know of the rest, too.
      if (!state.record.check_only()) return status;
      survey.images_not_there[release.app()] = std::move(status);
    } else if (state.record.check_only()) {
      survey.images[release.app()] = &worker::v1::ResolvedImage::default_instance();
    } else {
      return FailureStatus(v1::INTERNAL,
                           absl::StrCat("the image of ", release.app(), " was not resolved"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsFound(const worker::v1::ResolvedImage& image) {
  return !image.digest().empty() || !image.image_id().empty();
}

std::vector<state::v1::StepRecord> SurveySteps(const DeploymentState& state) {
  const v1::Deployment& view = state.record.view();
  PlanBuilder plan(view.id(), static_cast<int>(state.steps.size()));
  for (const std::string& host : view.hosts()) {
    NewStep step{.phase = v1::SUBMIT, .host = host, .title = "look at what runs"};
    *step.spec.mutable_observe() = ObserveFor(state.record);
    plan.Add(std::move(step));
  }
  if (view.hosts().empty()) return std::move(plan).Take();
  for (const v1::Release& release : view.releases()) {
    NewStep step{.phase = v1::SUBMIT,
                 .host = view.hosts(0),
                 .app = release.app(),
                 .title = FindTitle(state.record, release)};
    *step.spec.mutable_resolve_image() = ResolveOf(state.record, release);
    plan.Add(std::move(step));
  }
  return std::move(plan).Take();
}

absl::StatusOr<Survey> ReadSurvey(const DeploymentState& state) {
  Survey survey;
  for (const state::v1::StepRecord& step : state.steps) {
    if (step.view().phase() != v1::SUBMIT) continue;
    if (step.spec().has_observe() && step.outputs().has_observe()) {
      survey.hosts[step.view().host()] = &step.outputs().observe();
    } else if (step.spec().has_resolve_image() && step.outputs().has_image()) {
      survey.images[step.view().app()] = &step.outputs().image();
    }
  }
  if (absl::Status status = CheckComplete(state, survey); !status.ok()) return status;
  return survey;
}

}  // namespace davit::core
