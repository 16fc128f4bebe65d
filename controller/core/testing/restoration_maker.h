#ifndef DAVIT_CONTROLLER_CORE_TESTING_RESTORATION_MAKER_H_
#define DAVIT_CONTROLLER_CORE_TESTING_RESTORATION_MAKER_H_

// For tests of rollbacks: an older release, and what became of its database since.

#include <string>
#include <vector>

#include "controller/core/names.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/restoration.h"
#include "controller/core/testing/test_deployment.h"

namespace davit::core {

inline constexpr char kOldDigest[] = "registry.test/web@sha256:older";

// web v2 as it was recorded: with another environment, secret and health check than now.
inline state::v1::ReleaseRecord OlderWeb() {
  state::v1::ReleaseRecord record;
  v1::Release& view = *record.mutable_view();
  view.set_project(kTestProject);
  view.set_environment(kTestEnvironment);
  view.set_app("web");
  view.set_number(2);
  view.set_deployment_id("d-0");
  view.set_image_reference("registry.test/web:older");
  view.set_image_digest(kOldDigest);
  worker::v1::ContainerSpec& container = *record.mutable_container();
  container.set_service_name("shop-web");
  container.set_image(kOldDigest);
  (*container.mutable_env())["GREETING"] = "hello";
  (*container.mutable_secret_env())["TOKEN"].set_name("TOKEN");
  (*container.mutable_secret_env())["TOKEN"].set_version(3);
  (*container.mutable_labels())[kProjectLabel] = kTestProject;
  (*container.mutable_labels())[kReleaseLabel] = "2";
  (*container.mutable_labels())[kDeploymentLabel] = "d-0";
  container.add_files()->set_content("hello");
  container.set_files_directory("shop/dev/web/2");
  record.mutable_healthcheck()->mutable_tcp()->set_port(9000);
  *record.mutable_live_time() = ToProto(absl::FromUnixSeconds(500));
  return record;
}

// web v5 is live; v2 shall be.
inline NewDeploymentArgs RollbackArgs(const state::v1::ReleaseRecord& older = OlderWeb()) {
  NewDeploymentArgs args = TestArgs({.previous = {{"web", 5}}});
  args.request.mutable_rollback();
  args.request.add_apps("web");
  (*args.request.mutable_spec()->mutable_apps())["web"] = AppAsItWas(args.request.spec(), older);
  args.restored["web"] = older;
  args.history.at("web").live->mutable_view()->set_deployment_id("d-live");
  return args;
}

// What deployment `id` did to main.
inline state::v1::DatabaseHistory Migrated(const std::string& id, v1::SchemaMeaning meaning) {
  state::v1::DatabaseHistory history;
  history.set_database("main");
  history.set_deployment_id(id);
  history.mutable_declared()->set_app("web");
  history.mutable_migration()->set_meaning(meaning);
  (*history.mutable_migration()->mutable_previous())["shop"] = "before " + id;
  if (meaning == v1::SCHEMA_UNCHANGED) return history;
  v1::SchemaChange& change = *history.mutable_migration()->add_changes();
  change.set_sentence("Column " + id + " was dropped");
  change.set_meaning(meaning);
  change.set_reason("the old code asks for it");
  return history;
}

inline NewDeploymentArgs After(const std::vector<state::v1::DatabaseHistory>& since,
                               v1::RollbackRequest::Schema schema) {
  NewDeploymentArgs args = RollbackArgs();
  args.since = since;
  args.request.mutable_rollback()->set_schema(schema);
  (*args.request.mutable_spec()->mutable_databases())["main"].mutable_url()->set_secret("URL");
  return args;
}

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_TESTING_RESTORATION_MAKER_H_
