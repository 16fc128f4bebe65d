#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "controller/store/sqlite/sqlite_store.h"
#include "tests/bench/comparison.h"
#include "tests/bench/load.h"

// How many steps a second go through the real executor and the real store, each one
// on disk before it is acknowledged: with group commit, and with a commit an event.
namespace davit::bench {
namespace {

constexpr int kInFlight = 64;
constexpr double kWantedRate = 10'000;

// Changes of the state of a step: started, ended.
constexpr int kTransitionsOfAStep = 2;

// A store that is gone when this is.
class FreshStore {
 public:
  explicit FreshStore(const Options& options)
      : directory_(absl::StrCat(options.directory, "/commits-", getpid())) {
    std::filesystem::remove_all(directory_);
    auto store = store::SqliteStore::Open(directory_ + "/davit.db");
    Require(store.ok(), store.status().ToString());
    store_ = *std::move(store);
  }
  ~FreshStore() {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  store::Store& operator*() { return *store_; }

 private:
  const std::string directory_;
  std::unique_ptr<store::SqliteStore> store_;
};

// Transitions a second, when as many as `batch` inputs share a commit.
double Rate(const Options& options, int batch, int environments, int each) {
  FreshStore store(options);
  executor::ExecutorOptions executor;
  executor.batch = batch;
  Load load(*store, executor);
  const absl::Duration took = load.Run(environments, each);
  const int transitions = environments * each * load.steps() * kTransitionsOfAStep;
  return transitions / absl::ToDoubleSeconds(took);
}

void RunAll(const Options& options) {
  const int environments = options.smoke ? 2 : kInFlight;
  const auto ours = [&] {
    const executor::ExecutorOptions usual;
    return Rate(options, usual.batch, environments, options.smoke ? 1 : 40);
  };
  const auto one_by_one = [&] { return Rate(options, 1, environments, options.smoke ? 1 : 4); };
  const Figures figures = Compare({"durable step transitions, 64 deployments in flight, "
                                   "against a commit an event",
                                   "/s", 5},
                                  options, ours, one_by_one);
  CompareWithNumber({"durable step transitions, against the number wanted", "/s", 1}, figures.ours,
                    kWantedRate);
}

// Says on standard output what has been acknowledged, so that a tracer sees it among
// the writes to the disk, in their order.
void Say(absl::string_view what, absl::string_view id) {
  const std::string line = absl::StrCat(what, " ", id, "\n");
  Require(write(STDOUT_FILENO, line.data(), line.size()) > 0, "standard output is closed");
}

void Trace(const Options& options) {
  FreshStore store(options);
  Load load(*store, {},
            {[](const std::string& step) { Say("acknowledged", InstantWorkers::SummaryOf(step)); },
             [](const std::string& deployment) { Say("answered", deployment); }});
  load.Run(8, 2);
}

}  // namespace
}  // namespace davit::bench

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  const davit::bench::Options options = davit::bench::ParseOptions(argc, argv);
  if (options.trace) {
    davit::bench::Trace(options);
  } else {
    davit::bench::RunAll(options);
  }
  return 0;
}
