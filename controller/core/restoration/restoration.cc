#include "controller/core/restoration/restoration.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "controller/core/names.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;

// As it is told to people. Nobody here knows their time zone.
std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", FromProto(time), absl::UTCTimeZone());
}

}  // namespace

const ReleaseRecord* RestoredOf(const DeploymentRecord& record, const std::string& app) {
  const auto found = record.restored().find(app);
  return found == record.restored().end() ? nullptr : &found->second;
}

v1::App AppAsItWas(const v1::EnvironmentSpec& spec, const ReleaseRecord& restored) {
  v1::App app;
  const auto declared = spec.apps().find(restored.view().app());
  if (restored.has_app()) {
    app = restored.app();
  } else if (declared != spec.apps().end()) {
    app = declared->second;
  }
  if (restored.has_healthcheck()) *app.mutable_healthcheck() = restored.healthcheck();
  // The name that switches and leftovers are told by.
  if (!restored.container().service_name().empty()) {
    app.mutable_container()->set_name(restored.container().service_name());
  }
  app.clear_build();
  app.clear_checks();
  app.clear_tasks();
  app.clear_depends_on();
  if (declared != spec.apps().end()) *app.mutable_depends_on() = declared->second.depends_on();
  if (!spec.databases().contains(app.database())) app.clear_database();
  return app;
}

worker::v1::ContainerSpec RestoredContainer(const ReleaseRecord& restored,
                                            const v1::Release& release,
                                            const worker::v1::ResolvedImage& image,
                                            bool check_only) {
  worker::v1::ContainerSpec spec = restored.container();
  if (!image.digest().empty()) {
    spec.set_image(image.digest());
  } else if (!image.image_id().empty()) {
    spec.set_image(image.image_id());
  }
  (*spec.mutable_labels())[kReleaseLabel] = absl::StrCat(release.number());
  (*spec.mutable_labels())[kDeploymentLabel] = release.deployment_id();
  if (spec.files().empty()) return spec;
  spec.set_files_directory(check_only ? FilesDirectoryOfCheck(release) : FilesDirectory(release));
  return spec;
}

worker::v1::ResolveImage ResolveRestored(const ReleaseRecord& restored) {
  const v1::Release& view = restored.view();
  worker::v1::ResolveImage resolve;
  resolve.set_reference(view.image_reference());
  if (!view.image_digest().empty()) {
    resolve.set_reference(view.image_digest());
    resolve.set_pull_policy("missing");
    return resolve;
  }
  resolve.set_pull_policy("never");
  resolve.set_image_id(!view.image_id().empty() ? view.image_id() : restored.container().image());
  return resolve;
}

std::vector<std::string> RestorationNotes(const DeploymentRecord& record) {
  std::vector<std::string> notes;
  for (const v1::Release& release : record.view().releases()) {
    const ReleaseRecord* restored = RestoredOf(record, release.app());
    if (restored == nullptr) continue;
    notes.push_back(
        absl::StrCat(AppVersion(release.app(), release.number()), " is v",
                     restored->view().number(), " again, ", restored->view().image_reference(),
                     restored->has_live_time()
                         ? absl::StrCat(", which became live at ", TimeText(restored->live_time()))
                         : ""));
  }
  return notes;
}

}  // namespace davit::core
