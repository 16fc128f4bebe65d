#include "controller/core/machine/new_deployment.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"
#include "controller/core/database/work.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/restoration.h"
#include "controller/core/restoration/restoration_refusal.h"

namespace davit::core {
namespace {

// The reference that `app` is deployed by, with a tag or a digest.
absl::StatusOr<std::string> ChooseImage(const v1::DeploymentRequest& request,
                                        const std::string& app) {
  const auto built = request.built().find(app);
  const auto given = request.images().find(app);
  const std::string& text = built != request.built().end() ? built->second.reference()
                            : given != request.images().end()
                                ? given->second
                                : request.spec().apps().at(app).image();
  if (text.empty()) {
    return FailureStatus(v1::SPEC_INVALID, absl::StrCat("app ", app, " has no image"));
  }
  absl::StatusOr<spec::ImageReference> image = spec::ParseImageReference(text);
  if (!image.ok()) {
    return FailureStatus(v1::SPEC_INVALID,
                         absl::StrCat("image of app ", app, ": ", image.status().message()));
  }
  if (image->tag.empty() && image->digest.empty()) image->tag = "latest";
  return image->ToString();
}

bool IsDeployed(const std::string& app, const std::vector<std::string>& order) {
  return std::find(order.begin(), order.end(), app) != order.end();
}

// What was built and not pushed is on one host alone.
absl::Status CheckBuilt(const v1::DeploymentRequest& request,
                        const std::vector<std::string>& order) {
  for (const std::string& app : order) {
    const auto built = request.built().find(app);
    if (built == request.built().end() || !built->second.digests().empty()) continue;
    if (request.spec().hosts_size() == 1) continue;
    v1::Failure failure = MakeFailure(
        v1::SPEC_INVALID,
        absl::StrCat("the image of ", app, " was built and is in no registry, so it can go to ",
                     "one host only, not to ", request.spec().hosts_size()),
        {absl::StrCat("image ", built->second.reference(), " (", built->second.image_id(), ")")});
    failure.set_next_command(
        absl::StrCat("name a registry in `apps.", app, ".build.push` and build again"));
    return FailureStatus(failure);
  }
  return absl::OkStatus();
}

// Hosts are used as keys, and an image for an app that stays is a mistake.
absl::Status CheckRequest(const v1::DeploymentRequest& request,
                          const std::vector<std::string>& order) {
  if (order.empty() && !IsDatabaseWork(request)) {
    return FailureStatus(v1::SPEC_INVALID, "there is no app to deploy");
  }
  if (request.spec().hosts().empty()) {
    return FailureStatus(
        v1::SPEC_INVALID,
        absl::StrCat("environment ", request.spec().environment(), " has no hosts"));
  }
  std::set<std::string> hosts;
  for (const std::string& host : request.spec().hosts()) {
    if (!hosts.insert(host).second) {
      return FailureStatus(v1::SPEC_INVALID, absl::StrCat("host ", host, " is listed twice"));
    }
  }
  for (const auto& [app, image] : request.images()) {
    if (!IsDeployed(app, order)) {
      return FailureStatus(v1::SPEC_INVALID,
                           absl::StrCat("an image is given for ", app, ", which is not deployed"));
    }
  }
  for (const auto& [app, name] : request.adopt()) {
    if (!IsDeployed(app, order)) {
      return FailureStatus(v1::SPEC_INVALID,
                           absl::StrCat("the container ", name, " should be adopted for ", app,
                                        ", which is not deployed"));
    }
  }
  return CheckBuilt(request, order);
}

void FillView(const NewDeploymentArgs& args, absl::Time now, v1::Deployment& view) {
  view.set_id(args.id);
  view.set_project(args.request.spec().project());
  view.set_environment(args.request.spec().environment());
  const std::vector<std::string> hosts = HostsConcerned(args.request);
  *view.mutable_hosts() = {hosts.begin(), hosts.end()};
  view.set_state(v1::PENDING);
  *view.mutable_create_time() = ToProto(now);
  view.set_submitted_by(args.request.submitted_by());
  view.set_operation(OperationOf(args.request));
}

absl::Status AddRelease(const NewDeploymentArgs& args, const std::string& app,
                        state::v1::DeploymentRecord& record) {
  const state::v1::ReleaseRecord* restored = RestoredOf(record, app);
  absl::StatusOr<std::string> image =
      restored != nullptr ? restored->view().image_reference() : ChooseImage(args.request, app);
  if (!image.ok()) return image.status();
  const auto found = args.history.find(app);
  const AppHistory history = found == args.history.end() ? AppHistory() : found->second;

  v1::Release& release = *record.mutable_view()->add_releases();
  release.set_project(record.view().project());
  release.set_environment(record.view().environment());
  release.set_app(app);
  release.set_number(history.next_number);
  release.set_deployment_id(args.id);
  release.set_image_reference(*std::move(image));
  *release.mutable_create_time() = record.view().create_time();
  if (history.live.has_value()) {
    release.set_replaces(history.live->view().number());
    (*record.mutable_previous())[app] = *history.live;
  }
  if (!history.kept.empty()) {
    auto& numbers = *(*record.mutable_kept())[app].mutable_numbers();
    numbers.Add(history.kept.begin(), history.kept.end());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeploymentState> NewDeployment(const NewDeploymentArgs& args, absl::Time now) {
  absl::StatusOr<std::vector<std::string>> order = ReleaseOrder(args.request);
  if (!order.ok()) return order.status();
  if (absl::Status status = CheckRequest(args.request, *order); !status.ok()) return status;
  if (absl::Status status = CheckDatabaseWork(args.request); !status.ok()) return status;

  DeploymentState state;
  state.record.set_request_id(args.request_id);
  state.record.set_cluster_id(args.cluster_id);
  state.record.set_fence(args.fence);
  *state.record.mutable_request() = args.request;
  state.record.mutable_secrets()->Add(args.secrets.begin(), args.secrets.end());
  state.record.set_check_only(args.check_only);
  state.record.mutable_restored()->insert(args.restored.begin(), args.restored.end());
  state.record.mutable_since()->Add(args.since.begin(), args.since.end());
  state.record.mutable_other_users()->Add(args.other_users.begin(), args.other_users.end());
  if (args.backup.has_value()) *state.record.mutable_backup() = *args.backup;
  FillView(args, now, *state.record.mutable_view());
  for (const std::string& app : *order) {
    if (absl::Status status = AddRelease(args, app, state.record); !status.ok()) return status;
  }
  // Those that are only stopped meanwhile, or use a database that is worked on.
  for (const auto& [app, history] : args.history) {
    if (!history.live.has_value() || IsDeployed(app, *order)) continue;
    (*state.record.mutable_previous())[app] = *history.live;
  }
  if (absl::Status status = CheckSchemaSince(state.record); !status.ok()) return status;
  return state;
}

}  // namespace davit::core
