#include "controller/core/machine/release_records.h"

#include <map>
#include <string>
#include <utility>

#include "controller/core/database/history.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/restoration.h"

namespace davit::core {
namespace {

using state::v1::StepRecord;

// The step of each app that started its container, or would have; one that did
// where there is one.
std::map<std::string, const StepRecord*> StartSteps(const DeploymentState& state) {
  std::map<std::string, const StepRecord*> starts;
  for (const StepRecord& step : state.steps) {
    if (!step.spec().has_start_container()) continue;
    const StepRecord*& start = starts[step.view().app()];
    if (start == nullptr || !start->outputs().has_container()) start = &step;
  }
  return starts;
}

// As it was declared: a rollback makes live what was declared then.
const v1::App& DeclaredApp(const state::v1::DeploymentRecord& record, const std::string& app) {
  const state::v1::ReleaseRecord* restored = RestoredOf(record, app);
  return restored != nullptr && restored->has_app() ? restored->app()
                                                    : record.request().spec().apps().at(app);
}

}  // namespace

void RecordReleases(TransitionBuilder& builder, bool live) {
  const std::map<std::string, const StepRecord*> starts = StartSteps(builder.state());
  for (v1::Release& release : *builder.MutableRecord().mutable_view()->mutable_releases()) {
    release.set_live(live);
    state::v1::ReleaseRecord record;
    if (const auto start = starts.find(release.app()); start != starts.end()) {
      *record.mutable_container() = start->second->spec().start_container().container();
      const std::string& image_id = start->second->outputs().container().image_id();
      if (!image_id.empty()) release.set_image_id(image_id);
    }
    const v1::App& app = builder.record().request().spec().apps().at(release.app());
    if (app.has_healthcheck()) *record.mutable_healthcheck() = app.healthcheck();
    *record.mutable_app() = DeclaredApp(builder.record(), release.app());
    if (auto database = DatabaseHistoryOf(builder.state(), release.app())) {
      *record.mutable_database() = *std::move(database);
    }
    if (live) *record.mutable_live_time() = ToProto(builder.now());
    *record.mutable_view() = release;
    builder.PutRelease(std::move(record));
  }
}

}  // namespace davit::core
