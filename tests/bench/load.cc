#include "tests/bench/load.h"

#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/comparison.h"

namespace davit::bench {
namespace {

constexpr char kHost[] = "a";
constexpr absl::Duration kPatience = absl::Minutes(5);

}  // namespace

v1::CreateDeploymentRequest RequestFor(const std::string& environment,
                                       const std::string& request_id, const std::string& host) {
  v1::CreateDeploymentRequest request;
  request.set_request_id(request_id);
  request.mutable_deployment()->set_submitted_by("ann@desk");
  v1::EnvironmentSpec& spec = *request.mutable_deployment()->mutable_spec();
  spec.set_project("shop");
  spec.set_environment(environment);
  spec.add_hosts(host);
  v1::App& web = (*spec.mutable_apps())["web"];
  web.set_image("registry.example/web:1");
  web.mutable_container()->set_restart("unless-stopped");
  web.mutable_strategy()->set_type("recreate");
  web.mutable_rollback()->set_automatic(true);
  web.set_retain(5);
  return request;
}

Load::Load(store::Store& store, const executor::ExecutorOptions& options, Witness witness)
    : store_(store),
      witness_(std::move(witness)),
      workers_([this](const worker::v1::StepKey& key) { OnAck(key); }),
      fleet_(workers_.Connect({kHost})),
      executor_(store, *fleet_, secrets_, clock_, hub_, options) {
  const absl::Status started = executor_.Start();
  Require(started.ok(), started.ToString());
  steps_ = CountSteps();
}

Load::~Load() { executor_.Stop(); }

absl::Duration Load::Run(int environments, int each) {
  const absl::Time begin = absl::Now();
  std::vector<std::thread> users;
  for (int i = 0; i < environments; ++i) {
    users.emplace_back([this, each, environment = absl::StrCat("env", i)] {
      for (int n = 0; n < each; ++n) Deploy(environment);
    });
  }
  for (std::thread& user : users) user.join();
  return absl::Now() - begin;
}

std::string Load::last_id() {
  absl::MutexLock lock(&mutex_);
  return last_id_;
}

std::shared_ptr<Load::Flight> Load::FlightOf(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Flight>& flight = flights_[id];
  if (flight == nullptr) flight = std::make_shared<Flight>();
  return flight;
}

void Load::OnAck(const worker::v1::StepKey& key) {
  if (witness_.on_ack) witness_.on_ack(key.step_id());
  const auto flight = FlightOf(key.deployment_id());
  if (++flight->acknowledged == steps_) flight->ended.Notify();
}

std::string Load::Create(const std::string& environment) {
  const auto created =
      executor_.Create(RequestFor(environment, absl::StrCat("request", ++requests_), kHost));
  Require(created.ok(), created.status().ToString());
  if (witness_.on_reply) witness_.on_reply(created->id());
  absl::MutexLock lock(&mutex_);
  return last_id_ = created->id();
}

void Load::Deploy(const std::string& environment) {
  const std::string id = Create(environment);
  const bool ended = FlightOf(id)->ended.WaitForNotificationWithTimeout(kPatience);
  Require(ended, "a deployment does not end");
  absl::MutexLock lock(&mutex_);
  flights_.erase(id);
}

int Load::CountSteps() {
  const std::string id = Create("first");
  v1::Deployment view;
  int steps = 0;
  const auto look = [&](store::ReadTxn& txn) {
    auto state = txn.GetDeployment(id);
    if (!state.ok()) return state.status();
    view = state->record.view();
    steps = static_cast<int>(state->steps.size());
    return absl::OkStatus();
  };
  absl::Mutex mutex;
  bool grown = true;  // by what came before the subscription
  const auto subscription = hub_.Subscribe(id, [&](int64_t) {
    absl::MutexLock lock(&mutex);
    grown = true;
  });
  const absl::Time deadline = absl::Now() + kPatience;
  while (!core::IsTerminal(view.state())) {
    {
      absl::MutexLock lock(&mutex);
      const bool in_time = mutex.AwaitWithDeadline(absl::Condition(&grown), deadline);
      Require(in_time, "the first deployment does not end");
      grown = false;
    }
    const absl::Status status = store_.View(look);
    Require(status.ok(), status.ToString());
  }
  Require(view.state() == v1::SUCCEEDED, "the first deployment does not succeed");
  return steps;
}

}  // namespace davit::bench
