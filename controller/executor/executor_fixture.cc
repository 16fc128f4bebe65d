#include "controller/executor/executor_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace davit::executor {

v1::CreateDeploymentRequest RequestFor(const std::string& environment,
                                       const std::string& request_id,
                                       const std::vector<std::string>& hosts) {
  v1::CreateDeploymentRequest request;
  request.set_request_id(request_id);
  request.mutable_deployment()->set_submitted_by("ann@desk");
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  spec.set_project("shop");
  spec.set_environment(environment);
  for (const std::string& host : hosts) spec.add_hosts(host);
  v1::App& web = (*spec.mutable_apps())["web"];
  web.set_image("registry.example/web:1");
  web.mutable_container()->set_restart("unless-stopped");
  web.mutable_strategy()->set_type("recreate");
  web.mutable_rollback()->set_automatic(true);
  web.set_retain(5);
  return request;
}

v1::CreateDeploymentRequest MigratingRequest() {
  v1::CreateDeploymentRequest request = RequestFor("dev", "request-1");
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  v1::Database& database = (*spec.mutable_databases())["main"];
  database.mutable_url()->set_secret("DATABASE_URL");
  database.mutable_backup()->set_directory("/backups");
  database.mutable_migrate()->set_app("web");
  database.mutable_migrate()->add_command("migrate");
  spec.mutable_apps()->at("web").set_database("main");
  return request;
}

ExecutorTest::ExecutorTest() {
  options_.commit_pause = absl::Microseconds(1);
  Restart({"a", "b"});
}

void ExecutorTest::Restart(const std::vector<std::string>& hosts) {
  executor_.reset();
  fleet_ = workers_.Connect(hosts);
  executor_ = std::make_unique<Executor>(store_, *fleet_, secrets_, clock_, hub_, options_);
  const absl::Status status = executor_->Start();
  ASSERT_TRUE(status.ok()) << status;
}

void ExecutorTest::PutSecret(const std::string& name, int64_t version, const std::string& value) {
  state::v1::SecretRecord secret;
  secret.set_project("shop");
  secret.set_environment("dev");
  secret.set_name(name);
  secret.set_version(version);
  secret.set_sealed("sealed");
  ASSERT_TRUE(store_.Update([&](store::Txn& txn) { return txn.PutSecret(secret); }).ok());
  secrets_.Set(absl::StrCat("shop/dev/", name, "@", version), value);
}

std::string ExecutorTest::Finish(const v1::CreateDeploymentRequest& request) {
  const auto created = executor_->Create(request);
  EXPECT_TRUE(created.ok()) << created.status();
  if (!created.ok()) return "";
  EXPECT_EQ(Await(created->id(), v1::SUCCEEDED), v1::SUCCEEDED);
  return created->id();
}

std::string ExecutorTest::IdOf(const std::string& request_id) {
  std::string id;
  const absl::Status status = store_.View([&](store::ReadTxn& txn) {
    id = txn.FindRequest(request_id)->value_or("");
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return id;
}

core::DeploymentState ExecutorTest::State(const std::string& id) {
  core::DeploymentState state;
  const absl::Status status = store_.View([&](store::ReadTxn& txn) {
    auto found = txn.GetDeployment(id);
    if (!found.ok()) return found.status();
    state = *std::move(found);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return state;
}

v1::DeploymentState ExecutorTest::Await(const std::string& id, v1::DeploymentState wanted) {
  absl::Mutex mutex;
  bool grown = false;
  const auto subscription = hub_.Subscribe(id, [&](int64_t) {
    absl::MutexLock lock(&mutex);
    grown = true;
  });
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  v1::DeploymentState state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
  for (int64_t sequence = 0; state != wanted && absl::Now() < deadline;) {
    for (const v1::Event& event : Events(id, sequence)) {
      sequence = event.sequence();
      if (event.has_deployment()) state = event.deployment().state();
    }
    if (state == wanted) break;
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithDeadline(absl::Condition(&grown), deadline);
    grown = false;
  }
  return state;
}

std::vector<v1::Event> ExecutorTest::Events(const std::string& id, int64_t after) {
  std::vector<v1::Event> events;
  const absl::Status status = store_.View([&](store::ReadTxn& txn) {
    auto found = txn.ReadEvents(id, after, 1'000'000);
    if (!found.ok()) return found.status();
    events = *std::move(found);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return events;
}

std::optional<state::v1::LockRecord> ExecutorTest::Lock(const std::string& environment) {
  std::optional<state::v1::LockRecord> lock;
  const absl::Status status = store_.View([&](store::ReadTxn& txn) {
    auto found = txn.GetLock("shop", environment);
    if (!found.ok()) return found.status();
    lock = *std::move(found);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return lock;
}

std::vector<v1::Step> ExecutorTest::Steps(const std::string& id, const std::string& kind) {
  std::vector<v1::Step> steps;
  for (const state::v1::StepRecord& step : State(id).steps) {
    if (KindOf(step.spec()) == kind) steps.push_back(step.view());
  }
  return steps;
}

}  // namespace davit::executor
