#include "controller/api/builds/build_job.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"
#include "common/spec/loader.h"
#include "controller/core/plan/secret_use.h"
#include "controller/executor/secret_versions.h"

namespace davit::api {
namespace {

constexpr char kHub[] = "docker.io";

std::string RegistryOr(const std::string& registry) {
  return registry.empty() || registry == "index.docker.io" ? kHub : registry;
}

std::string NamesIn(const v1::EnvironmentSpec& spec) {
  std::map<std::string, bool> names;  // sorted; whether it has `build`
  for (const auto& [name, app] : spec.apps()) names[name] = app.has_build();
  return absl::StrJoin(names, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, entry.second ? "" : " (without `build`)");
  });
}

void CheckRegistries(const v1::BuildHeader& header, std::vector<std::string>& problems) {
  for (const std::string& name : header.spec().apps().at(header.app()).build().push()) {
    if (header.spec().registries().contains(name)) continue;
    problems.push_back(absl::StrCat("apps.", header.app(), ".build.push: there is no registry ",
                                    name, " under `registries`"));
  }
}

void CheckApp(const v1::BuildHeader& header, std::vector<std::string>& problems) {
  const auto app = header.spec().apps().find(header.app());
  if (app == header.spec().apps().end() || !app->second.has_build()) {
    problems.push_back(absl::StrCat("the environment has no app ", header.app(),
                                    " with `build`; it has ", NamesIn(header.spec())));
    return;
  }
  const auto base = spec::ParseImageReference(app->second.image());
  if (!base.ok()) {
    problems.push_back(absl::StrCat("apps.", header.app(), ".image: ", base.status().message()));
    return;
  }
  const auto whole = spec::ParseImageReference(absl::StrCat(base->Name(), ":", header.tag()));
  if (!whole.ok() || whole->tag != header.tag()) {
    problems.push_back(absl::StrCat("\"", header.tag(), "\" is no tag of an image"));
  }
  CheckRegistries(header, problems);
}

// A deployment's record as far as registries are concerned.
state::v1::DeploymentRecord RecordOf(const v1::BuildHeader& header) {
  state::v1::DeploymentRecord record;
  v1::DeploymentRequest& request = *record.mutable_request();
  request.mutable_spec()->set_project(header.spec().project());
  request.mutable_spec()->set_environment(header.spec().environment());
  *request.mutable_spec()->mutable_registries() = header.spec().registries();
  // The environment of the container is no matter of its image.
  (*request.mutable_spec()->mutable_apps())[header.app()].set_image(
      header.spec().apps().at(header.app()).image());
  request.add_apps(header.app());
  return record;
}

}  // namespace

absl::Status CheckBuildHeader(const v1::BuildHeader& header) {
  std::vector<std::string> problems = spec::ValidateEnvironment(header.spec());
  CheckApp(header, problems);
  const auto& hosts = header.spec().hosts();
  const bool known = std::find(hosts.begin(), hosts.end(), header.host()) != hosts.end();
  if (!header.host().empty() && !known) {
    problems.push_back(absl::StrCat("the environment has no host ", header.host(), "; it has ",
                                    absl::StrJoin(hosts, ", ")));
  }
  if (problems.empty()) return absl::OkStatus();
  return FailureStatus(v1::SPEC_INVALID, "the image cannot be built", std::move(problems));
}

ImageNames NamesOf(const v1::BuildHeader& header) {
  const v1::App& app = header.spec().apps().at(header.app());
  const auto base = spec::ParseImageReference(app.image());
  ImageNames names;
  if (!base.ok()) return names;
  names.references.push_back(absl::StrCat(base->Name(), ":", header.tag()));
  for (const std::string& name : app.build().push()) {
    const std::string server = RegistryOr(header.spec().registries().at(name).server());
    const bool own = server == RegistryOr(base->registry);
    const std::string reference =
        own ? names.references[0] : absl::StrCat(server, "/", base->repository, ":", header.tag());
    const auto has = [&reference](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), reference) != list.end();
    };
    // Without a push nobody would look for it under the other names.
    if (!header.push()) continue;
    if (!has(names.references)) names.references.push_back(reference);
    if (!has(names.push)) names.push.push_back(reference);
  }
  return names;
}

absl::StatusOr<worker::v1::BuildJob> MakeBuildJob(store::ReadTxn& txn,
                                                  const v1::BuildHeader& header) {
  state::v1::DeploymentRecord record = RecordOf(header);
  auto secrets = executor::ResolveSecrets(txn, record.request());
  if (!secrets.ok()) return secrets.status();
  record.mutable_secrets()->Assign(secrets->begin(), secrets->end());
  worker::v1::BuildJob job;
  *job.mutable_build() = header.spec().apps().at(header.app()).build();
  ImageNames names = NamesOf(header);
  job.mutable_references()->Assign(names.references.begin(), names.references.end());
  job.mutable_push()->Assign(names.push.begin(), names.push.end());
  for (auto& login : core::Logins(record)) *job.add_logins() = std::move(login);
  return job;
}

}  // namespace davit::api
