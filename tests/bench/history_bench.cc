#include <spdlog/spdlog.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/api/deployments/handlers.h"
#include "controller/api/status/get_status.h"
#include "controller/executor/fake_secrets.h"
#include "controller/store/sqlite/sqlite_store.h"
#include "tests/bench/comparison.h"
#include "tests/bench/instant_workers.h"
#include "tests/bench/past.h"

// Whether a controller that has carried out 100,000 deployments is as quick as one
// that has just begun: one whose past fills a page of history and no more, so that
// both give the same answers.
namespace davit::bench {
namespace {

constexpr int kPage = 50;
constexpr double kGoal = 1.2;

// A controller on a store, without its server: what the server costs is the same
// whatever the past, and would hide what is looked for.
class Controller {
 public:
  explicit Controller(const std::string& path) : fleet_(workers_.Connect({"a"})) {
    auto store = store::SqliteStore::Open(path);
    Require(store.ok(), store.status().ToString());
    store_ = *std::move(store);
    executor_ = std::make_unique<executor::Executor>(*store_, *fleet_, secrets_, clock_, hub_,
                                                     executor::ExecutorOptions());
    const absl::Status started = executor_->Start();
    Require(started.ok(), started.ToString());
  }
  ~Controller() { executor_->Stop(); }

  api::ApiContext context() { return {*store_, *executor_, hub_, *fleet_, secrets_, clock_}; }

 private:
  const SystemClock clock_;
  executor::JournalHub hub_;
  InstantWorkers workers_;
  const std::unique_ptr<fleet::Fleet> fleet_;
  executor::FakeSecrets secrets_;  // none is referred to
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<executor::Executor> executor_;
};

double MicrosecondsOf(const std::function<void()>& work, int times) {
  const absl::Time begin = absl::Now();
  for (int i = 0; i < times; ++i) work();
  return absl::ToDoubleMicroseconds(absl::Now() - begin) / times;
}

void ListPage(Controller& controller, const std::string& environment) {
  v1::ListDeploymentsRequest request;
  if (!environment.empty()) request.set_project("shop");
  request.set_environment(environment);
  request.set_page_size(kPage);
  const auto answer = api::ListDeployments(controller.context(), request);
  Require(answer.ok() && answer->deployments_size() == kPage, "history is not what it should be");
}

void GetStatusOf(Controller& controller, const std::string& environment) {
  v1::GetStatusRequest request;
  request.set_project("shop");
  request.set_environment(environment);
  const auto answer = api::GetStatus(controller.context(), request, absl::Seconds(10));
  Require(answer.ok() && answer->apps_size() == 1, "status is not what it should be");
}

struct Stores {
  std::string full;
  std::string fresh;
};

void CompareCalls(const Stores& stores, const Options& options, const std::string& what,
                  const std::function<void(Controller&)>& call) {
  Controller full(stores.full);
  Controller fresh(stores.fresh);
  const int times = options.smoke ? 2 : 200;
  // Short runs and many, since a call takes no longer than what disturbs it.
  Options many = options;
  if (!options.smoke) many.pairs *= 20;
  const auto on = [&](Controller& controller) {
    return [&] { return MicrosecondsOf([&] { call(controller); }, times); };
  };
  Compare({what + ", with a long past against a page of it", "us", kGoal, false}, many, on(full),
          on(fresh));
}

void CompareStarts(const Stores& stores, const Options& options) {
  const int times = options.smoke ? 1 : 20;
  const auto on = [&](const std::string& path) {
    return [path, times] { return MicrosecondsOf([&] { Controller controller(path); }, times); };
  };
  Compare({"start of the controller, with a long past against a page of it", "us", kGoal, false},
          options, on(stores.full), on(stores.fresh));
}

void RunAll(const Options& options) {
  const Past longest = options.smoke ? Past{4, kPage + 10, 60} : Past{10, 10'000, 100};
  const Stores stores = {StoreWith(longest, options.directory),
                         StoreWith({1, kPage + 1, longest.events}, options.directory)};
  const std::string environment = EnvironmentNamed(0);
  CompareCalls(stores, options, "status",
               [&](Controller& controller) { GetStatusOf(controller, environment); });
  CompareCalls(stores, options, "history of an environment",
               [&](Controller& controller) { ListPage(controller, environment); });
  CompareCalls(stores, options, "history of everything",
               [&](Controller& controller) { ListPage(controller, ""); });
  CompareStarts(stores, options);
}

}  // namespace
}  // namespace davit::bench

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  davit::bench::RunAll(davit::bench::ParseOptions(argc, argv));
  return 0;
}
