#include "client/commands/project/request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/project/project_file.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"

namespace davit::commands {
namespace {

constexpr char kThisMachine[] = "local";

std::vector<std::string> AppNames(const v1::EnvironmentSpec& spec) {
  std::vector<std::string> names;
  for (const auto& [name, app] : spec.apps()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

// What an option such as `--image` says of one app.
struct Assignment {
  std::string app;
  std::string value;
};

// From APP=VALUE, or from VALUE where one app is released. `option` ("image") and
// `placeholder` ("REF") are for messages.
absl::StatusOr<Assignment> Assign(const v1::EnvironmentSpec& spec,
                                  const std::vector<std::string>& apps, const std::string& text,
                                  absl::string_view option, absl::string_view placeholder) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.second.empty()) {
    if (apps.size() == 1) return Assignment{apps[0], text};
    return BadInput(absl::StrCat("--", option, " ", text, ": for which app?"),
                    absl::StrCat("say --", option, " APP=", placeholder));
  }
  const auto& [app, value] = parts;
  if (absl::Status status = CheckApp(spec, app); !status.ok()) return status;
  if (std::find(apps.begin(), apps.end(), app) == apps.end()) {
    return BadInput(absl::StrCat("--", option, " ", text, ": ", app, " is not deployed"),
                    "name that app too, or leave the option out");
  }
  return Assignment{app, value};
}

absl::Status AddImage(const v1::EnvironmentSpec& spec, const std::vector<std::string>& apps,
                      const std::string& text, v1::DeploymentRequest& request) {
  const absl::StatusOr<Assignment> image = Assign(spec, apps, text, "image", "REF");
  if (!image.ok()) return image.status();
  const auto reference = spec::ParseImageReference(image->value);
  if (!reference.ok()) {
    return BadInput(absl::StrCat("--image ", text, ": ", reference.status().message()),
                    "write it as REPOSITORY:TAG or REPOSITORY@sha256:…");
  }
  if (const auto [entry, is_new] = request.mutable_images()->insert({image->app, image->value});
      !is_new && entry->second != image->value) {
    return BadInput(absl::StrCat("--image names two images for ", image->app, ": ", entry->second,
                                 " and ", image->value),
                    "name the one to release");
  }
  return absl::OkStatus();
}

// A tag beside images that leave no app for it was meant for one of them.
absl::Status CheckTagIsUsed(const std::vector<std::string>& apps, const std::string& tag,
                            const v1::DeploymentRequest& request) {
  const bool used = std::any_of(apps.begin(), apps.end(), [&](const std::string& app) {
    return !request.images().contains(app);
  });
  if (used) return absl::OkStatus();
  return BadInput(absl::StrCat("--tag ", tag, " is for no app: --image names the image of each"),
                  "leave one of the two out");
}

absl::Status AddAdoption(const v1::EnvironmentSpec& spec, const std::vector<std::string>& apps,
                         const std::string& text, v1::DeploymentRequest& request) {
  const absl::StatusOr<Assignment> adopted = Assign(spec, apps, text, "adopt", "CONTAINER");
  if (!adopted.ok()) return adopted.status();
  if (const auto [entry, is_new] = request.mutable_adopt()->insert({adopted->app, adopted->value});
      !is_new && entry->second != adopted->value) {
    return BadInput(absl::StrCat("--adopt names two containers for ", adopted->app, ": ",
                                 entry->second, " and ", adopted->value),
                    "name the one that serves");
  }
  return absl::OkStatus();
}

absl::Status AddTag(const v1::EnvironmentSpec& spec, const std::string& app, const std::string& tag,
                    v1::DeploymentRequest& request) {
  if (request.images().contains(app)) return absl::OkStatus();
  const auto base = spec::ParseImageReference(spec.apps().at(app).image());
  if (!base.ok()) return base.status();
  const std::string image = absl::StrCat(base->Name(), ":", tag);
  const auto reference = spec::ParseImageReference(image);
  if (!reference.ok() || reference->tag != tag) {
    return BadInput(absl::StrCat("--tag \"", tag, "\" is no tag of an image"),
                    "a tag has 1 to 128 letters, digits, '_', '.' and '-'");
  }
  (*request.mutable_images())[app] = image;
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckApp(const v1::EnvironmentSpec& spec, const std::string& app) {
  if (spec.apps().contains(app)) return absl::OkStatus();
  return BadInput(absl::StrCat("there is no app \"", app, "\" in environment ", spec.environment()),
                  absl::StrCat("name one that there is: ", absl::StrJoin(AppNames(spec), ", ")));
}

std::vector<std::string> DeployedApps(const v1::DeploymentRequest& request) {
  if (request.apps().empty()) return AppNames(request.spec());
  return {request.apps().begin(), request.apps().end()};
}

void AddReleaseOptions(CLI::App& verb, ReleaseOptions& options) {
  verb.add_option("app", options.apps, "Apps to release; by default all of the environment");
  verb.add_option("--tag", options.tag, "Tag of the images");
  verb.add_option("--image", options.images, "APP=REF, or REF when one app is released")
      ->allow_extra_args(false)
      ->take_all();
  verb.add_option("--adopt", options.adopt,
                  "APP=CONTAINER, or CONTAINER when one app is released: replace a container that "
                  "Davit did not start")
      ->allow_extra_args(false)
      ->take_all();
}

absl::StatusOr<v1::DeploymentRequest> MakeDeploymentRequest(const v1::EnvironmentSpec& spec,
                                                            const ReleaseOptions& options) {
  v1::DeploymentRequest request;
  *request.mutable_spec() = spec;
  for (const std::string& app : options.apps) {
    if (absl::Status status = CheckApp(spec, app); !status.ok()) return status;
    request.add_apps(app);
  }
  const std::vector<std::string> apps = DeployedApps(request);
  for (const std::string& image : options.images) {
    if (absl::Status status = AddImage(spec, apps, image, request); !status.ok()) return status;
  }
  for (const std::string& text : options.adopt) {
    if (absl::Status status = AddAdoption(spec, apps, text, request); !status.ok()) return status;
  }
  if (options.tag.empty()) return request;
  if (absl::Status used = CheckTagIsUsed(apps, options.tag, request); !used.ok()) return used;
  for (const std::string& app : apps) {
    if (absl::Status status = AddTag(spec, app, options.tag, request); !status.ok()) return status;
  }
  return request;
}

absl::StatusOr<v1::DeploymentRequest> ReadRequest(const Invocation& invocation,
                                                  const ReleaseOptions& options) {
  absl::StatusOr<v1::EnvironmentSpec> spec = LoadEnvironment(invocation);
  if (!spec.ok()) return spec.status();
  if (invocation.common.local) NotePlacement(invocation, *spec);
  absl::StatusOr<v1::DeploymentRequest> request = MakeDeploymentRequest(*spec, options);
  if (request.ok()) request->set_submitted_by(CallerName(invocation));
  return request;
}

bool PutOnThisMachine(v1::EnvironmentSpec& spec) {
  const bool differs = spec.hosts_size() != 1 || spec.hosts(0) != kThisMachine;
  spec.clear_hosts();
  spec.add_hosts(kThisMachine);
  return differs;
}

void NotePlacement(const Invocation& invocation, v1::EnvironmentSpec& spec) {
  const std::string hosts = absl::StrJoin(spec.hosts(), ", ");
  if (!PutOnThisMachine(spec) || invocation.common.quiet) return;
  invocation.Tell(absl::StrCat("--local: this machine stands for ", hosts));
}

}  // namespace davit::commands
