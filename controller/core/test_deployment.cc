#include "controller/core/test_deployment.h"

#include "absl/strings/str_cat.h"
#include "controller/core/names.h"
#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

v1::App TestApp(const TestDeployment& deployment, const std::string& name) {
  v1::App app;
  app.set_image(absl::StrCat("registry.test/", name, ":new"));
  app.mutable_container()->set_restart("unless-stopped");
  for (const std::string& network : deployment.networks) {
    app.mutable_container()->add_networks(network);
  }
  for (const std::string& directory : deployment.directories) {
    app.mutable_container()->add_volumes()->set_source(directory);
  }
  app.mutable_strategy()->set_batch(deployment.batch);
  app.mutable_rollback()->set_automatic(deployment.automatic);
  app.set_retain(deployment.retain);
  v1::Healthcheck& check = *app.mutable_healthcheck();
  check.mutable_http()->set_port(8000);
  check.mutable_http()->set_path("/health");
  check.set_attempts(20);
  *check.mutable_interval() = ToProto(absl::Seconds(5));
  *check.mutable_timeout() = ToProto(absl::Seconds(5));
  return app;
}

state::v1::ReleaseRecord LiveRelease(const std::string& app, int64_t number) {
  state::v1::ReleaseRecord record;
  record.mutable_view()->set_app(app);
  record.mutable_view()->set_number(number);
  record.mutable_view()->set_live(true);
  record.mutable_view()->set_image_reference(absl::StrCat("registry.test/", app, ":old"));
  record.mutable_view()->set_image_digest(absl::StrCat("registry.test/", app, "@sha256:old"));
  record.mutable_container()->set_service_name(absl::StrCat(kTestProject, "-", app));
  record.mutable_container()->set_image(absl::StrCat("registry.test/", app, "@sha256:old"));
  const ModelContainer container = OursOf(app, number);
  record.mutable_container()->mutable_labels()->insert(container.labels.begin(),
                                                       container.labels.end());
  record.mutable_healthcheck()->mutable_tcp()->set_port(8000);
  return record;
}

}  // namespace

v1::DeploymentRequest TestRequest(const TestDeployment& deployment) {
  v1::DeploymentRequest request;
  request.set_submitted_by("ada@desk");
  request.mutable_spec()->set_project(kTestProject);
  request.mutable_spec()->set_environment(kTestEnvironment);
  for (const std::string& host : deployment.hosts) request.mutable_spec()->add_hosts(host);
  for (const std::string& name : deployment.apps) {
    v1::App app = TestApp(deployment, name);
    const auto needs = deployment.depends_on.find(name);
    if (needs != deployment.depends_on.end()) {
      app.mutable_depends_on()->Add(needs->second.begin(), needs->second.end());
    }
    (*request.mutable_spec()->mutable_apps())[name] = app;
  }
  return request;
}

NewDeploymentArgs TestArgs(const TestDeployment& deployment) {
  NewDeploymentArgs args;
  args.request = TestRequest(deployment);
  args.id = deployment.id;
  args.request_id = "request-1";
  args.cluster_id = "cluster";
  args.fence = 7;
  for (const auto& [app, number] : deployment.previous) {
    args.history[app].next_number = number + 1;
    args.history[app].live = LiveRelease(app, number);
  }
  for (const auto& [app, numbers] : deployment.kept) args.history[app].kept = numbers;
  return args;
}

DeploymentState MakeState(const TestDeployment& deployment, absl::Time now) {
  return *NewDeployment(TestArgs(deployment), now);
}

ModelContainer OursOf(const std::string& app, int64_t release) {
  return {.id = absl::StrCat("old-", app),
          .image = absl::StrCat("registry.test/", app, "@sha256:old"),
          .running = true,
          .restart_policy = "unless-stopped",
          .labels = {{kProjectLabel, kTestProject},
                     {kEnvironmentLabel, kTestEnvironment},
                     {kAppLabel, app},
                     {kReleaseLabel, absl::StrCat(release)},
                     {kDeploymentLabel, "d-0"}}};
}

}  // namespace davit::core
