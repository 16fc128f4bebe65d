#include "controller/core/testing/test_deployment.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "controller/core/names.h"
#include "controller/core/proto_time.h"
#include "controller/core/restoration/restoration.h"

namespace davit::core {
namespace {

void AddTestFiles(v1::App& app) {
  v1::EnvMount& mount = *app.add_env_mounts();
  mount.set_target("/app/.env");
  mount.set_format("dotenv");
  mount.set_owner("auto");
  mount.set_mode("0400");
  v1::File& file = *app.add_files();
  file.set_target("/www/env config.js");
  file.set_content("API = {{API}}");
  file.set_owner("1000:1000");
  file.set_mode("0444");
  (*app.mutable_env()->mutable_clear())["API"] = "https://api.test";
}

void AddTestCheck(absl::string_view text, v1::App& app) {
  v1::Check& check = *app.add_checks();
  check.set_on_failure(absl::ConsumeSuffix(&text, ":warn") ? "warn" : "fail");
  check.set_name(std::string(text));
  check.add_command("check");
  check.add_command(std::string(text));
  *check.mutable_timeout() = ToProto(absl::Minutes(3));
}

void AddTestTask(absl::string_view text, v1::App& app) {
  v1::Task& task = *app.add_tasks();
  task.set_each_host(absl::ConsumeSuffix(&text, ":each"));
  if (absl::ConsumeSuffix(&text, ":warn")) task.set_on_failure("warn");
  task.set_name(std::string(text));
  task.add_command("run");
  task.add_command(std::string(text));
  *task.mutable_timeout() = ToProto(absl::Minutes(5));
}

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
  for (const std::string& port : deployment.ports) app.mutable_container()->add_ports(port);
  if (deployment.files) AddTestFiles(app);
  for (const std::string& name_and_end : deployment.checks) AddTestCheck(name_and_end, app);
  if (const auto tasks = deployment.tasks.find(name); tasks != deployment.tasks.end()) {
    for (const std::string& name_and_end : tasks->second) AddTestTask(name_and_end, app);
  }
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
  record.mutable_container()->set_restart_policy("unless-stopped");
  const ModelContainer container = OursOf(app, number);
  record.mutable_container()->set_files_directory(container.files_directory);
  record.mutable_container()->mutable_labels()->insert(container.labels.begin(),
                                                       container.labels.end());
  record.mutable_healthcheck()->mutable_tcp()->set_port(8000);
  return record;
}

std::string UrlSecret(const std::string& database) { return absl::StrCat("URL_", database); }

v1::DatabaseMigration DeclaredBy(const TestMigration& migration) {
  v1::DatabaseMigration declared;
  declared.set_app(migration.app);
  declared.add_command("migrate");
  *declared.mutable_timeout() = ToProto(absl::Minutes(15));
  *declared.mutable_lock_timeout() = ToProto(absl::Seconds(10));
  declared.set_rollback(migration.command ? "command" : "keep");
  if (!migration.command) return declared;
  declared.add_rollback_command("migrate");
  declared.add_rollback_command("shop={{previous:shop}}");
  return declared;
}

void AddTestDatabases(const TestDeployment& deployment, v1::DeploymentRequest& request) {
  for (const auto& [name, apps] : deployment.databases) {
    v1::Database& database = (*request.mutable_spec()->mutable_databases())[name];
    database.mutable_url()->set_secret(UrlSecret(name));
    database.mutable_wait()->set_attempts(30);
    *database.mutable_wait()->mutable_interval() = ToProto(absl::Seconds(1));
    database.mutable_backup()->set_keep(7);
    database.mutable_backup()->set_directory("/backups");
    *database.mutable_backup()->mutable_timeout() = ToProto(absl::Minutes(30));
    if (const auto migration = deployment.migrations.find(name);
        migration != deployment.migrations.end()) {
      *database.mutable_migrate() = DeclaredBy(migration->second);
      database.mutable_backup()->set_before_migrate(migration->second.backup);
    }
    for (const std::string& app : apps) {
      request.mutable_spec()->mutable_apps()->at(app).set_database(name);
    }
  }
  if (deployment.backup) request.mutable_backup();
  if (deployment.restore.empty()) return;
  const std::pair<std::string, std::string> parts = absl::StrSplit(deployment.restore, ':');
  request.mutable_restore()->set_database(parts.first);
  request.mutable_restore()->set_file(parts.second);
}

// What a deployment after the older releases did to a database.
state::v1::DatabaseHistory ChangeOf(const std::string& database, const std::string& app) {
  state::v1::DatabaseHistory history;
  history.set_database(database);
  history.set_deployment_id("d-0a");
  history.mutable_backup()->set_host("h1");
  history.mutable_backup()->set_path(absl::StrCat("/backups/", database, "-1.dump"));
  history.mutable_declared()->set_app(app);
  history.mutable_declared()->add_rollback_command("undo");
  history.mutable_declared()->add_rollback_command("{{previous:shop}}");
  history.mutable_migration()->set_meaning(v1::SCHEMA_UNSAFE);
  (*history.mutable_migration()->mutable_previous())["shop"] = "0004";
  v1::SchemaChange& change = *history.mutable_migration()->add_changes();
  change.set_sentence("Column vat was dropped");
  change.set_meaning(v1::SCHEMA_UNSAFE);
  return history;
}

v1::RollbackRequest::Schema SchemaOf(const std::string& word) {
  if (word == "keep") return v1::RollbackRequest::KEEP;
  if (word == "command") return v1::RollbackRequest::COMMAND;
  return word == "restore" ? v1::RollbackRequest::RESTORE : v1::RollbackRequest::SCHEMA_UNSPECIFIED;
}

void AddTestRollback(const TestDeployment& deployment, NewDeploymentArgs& args) {
  if (deployment.back_to.empty()) return;
  args.request.mutable_rollback()->set_schema(SchemaOf(deployment.schema));
  v1::EnvironmentSpec& spec = *args.request.mutable_spec();
  for (const auto& [app, number] : deployment.back_to) {
    state::v1::ReleaseRecord older = LiveRelease(app, number);
    older.mutable_view()->set_live(false);
    older.mutable_container()->set_restart_policy("unless-stopped");
    older.mutable_view()->set_image_digest(absl::StrCat("registry.test/", app, "@sha256:older"));
    older.mutable_view()->set_image_reference(absl::StrCat("registry.test/", app, ":older"));
    args.request.add_apps(app);
    (*spec.mutable_apps())[app] = AppAsItWas(spec, older);
    args.restored[app] = older;
    args.history.at(app).live->mutable_view()->set_deployment_id("d-0b");
  }
  for (const std::string& database : deployment.changed) {
    args.since.push_back(ChangeOf(database, deployment.back_to.begin()->first));
  }
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
  AddTestDatabases(deployment, request);
  request.mutable_adopt()->insert(deployment.adopt.begin(), deployment.adopt.end());
  for (const auto& [app, pushed] : deployment.built) {
    v1::BuiltImage& built = (*request.mutable_built())[app];
    built.set_reference(absl::StrCat("registry.test/", app, ":built"));
    built.set_image_id("sha256:built");
    if (!pushed) continue;
    built.add_digests(absl::StrCat("mirror.test/", app, "@sha256:", std::string(64, 'a')));
    built.add_digests(absl::StrCat("registry.test/", app, "@sha256:", std::string(64, 'b')));
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
  args.check_only = deployment.check_only;
  args.other_users = deployment.others;
  for (const auto& [app, number] : deployment.previous) {
    args.history[app].next_number = number + 1;
    args.history[app].live = LiveRelease(app, number);
  }
  for (const auto& [name, apps] : deployment.databases) {
    worker::v1::SecretUse& url = args.secrets.emplace_back();
    url.set_environment(kTestEnvironment);
    url.set_name(UrlSecret(name));
    url.set_version(1);
  }
  for (const auto& [app, numbers] : deployment.kept) args.history[app].kept = numbers;
  AddTestRollback(deployment, args);
  return args;
}

DeploymentState MakeState(const TestDeployment& deployment, absl::Time now) {
  return *NewDeployment(TestArgs(deployment), now);
}

state::v1::DatabaseUser OtherWeb(const std::string& database, int64_t number,
                                 const std::string& environment, const std::string& project) {
  state::v1::DatabaseUser user;
  user.set_database(database);
  user.mutable_release()->set_project(project);
  user.mutable_release()->set_environment(environment);
  user.mutable_release()->set_app("web");
  user.mutable_release()->set_number(number);
  user.mutable_release()->set_deployment_id("d-0");
  return user;
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
