#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/build/image_builder.h"
#include "worker/service/handlers.h"
#include "worker/service/host_reporter.h"
#include "worker/service/journal.h"
#include "worker/service/step_table.h"
#include "worker/service/worker_service.h"
#include "worker/steps/files/release_files.h"
#include "worker/steps/one_off/cleaner.h"

namespace davit::service {
namespace {

class JournaledWorker final : public Worker {
 public:
  JournaledWorker(const WorkerOptions& options, std::shared_ptr<docker::Engine> engine,
                  steps::Runners runners, std::unique_ptr<Journal> journal)
      : engine_(std::move(engine)),
        runners_(std::move(runners)),
        journal_(std::move(journal)),
        reporter_(engine_.get(), journal_.get(), DAVIT_VERSION, options.host_reports),
        table_(journal_.get(), &runners_),
        cleaner_(engine_.get(), options.state_directory),
        files_(options.state_directory),
        builder_({.engine = engine_.get(),
                  .docker_config_path = options.docker_config_path,
                  .name = options.state_directory}),
        handlers_(&table_, engine_.get(), &reporter_, &builder_, options.builds, journal_->id()) {}

  absl::Status Resume() {
    table_.OnOneOffForgotten([this] { cleaner_.Wake(); });
    absl::Status status = RemoveBrokenOffFiles();
    if (status.ok()) status = table_.Resume();
    if (status.ok()) cleaner_.Start([this](const auto& key) { return table_.Knows(key); });
    return status;
  }
  worker::v1::WorkerService::Service& service() override { return handlers_; }
  int running_steps() const override { return table_.running(); }

 private:
  // Files that cannot be removed are no reason not to work.
  absl::Status RemoveBrokenOffFiles() {
    const auto known = journal_->Unacknowledged(/*cluster_id=*/"");
    if (!known.ok()) return known.status();
    std::set<std::string> deployments;
    for (const JournaledStep& step : *known) deployments.insert(step.intent.key.deployment_id());
    files_.RemoveBrokenOff(deployments).IgnoreError();
    return absl::OkStatus();
  }

  // In the order of use: steps end before what they use.
  const std::shared_ptr<docker::Engine> engine_;
  const steps::Runners runners_;
  const std::unique_ptr<Journal> journal_;
  HostReporter reporter_;
  StepTable table_;
  steps::OneOffCleaner cleaner_;
  const steps::ReleaseFiles files_;
  builder::ImageBuilder builder_;
  Handlers handlers_;
};

// The journal holds environments of containers: nobody else reads it.
absl::Status MakePrivateDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return absl::InternalError(absl::StrCat("cannot make ", path, ": ", error.message()));
  if (chmod(path.c_str(), 0700) != 0) {
    return absl::InternalError(absl::StrCat("cannot protect ", path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Open(const WorkerOptions& options,
                                                     std::shared_ptr<docker::Engine> engine,
                                                     steps::Runners runners) {
  absl::Status status = MakePrivateDirectory(options.state_directory);
  if (!status.ok()) return status;
  auto journal = Journal::Open(options.state_directory + "/journal.db");
  if (!journal.ok()) return journal.status();
  try {
    auto worker = std::make_unique<JournaledWorker>(options, std::move(engine), std::move(runners),
                                                    *std::move(journal));
    if (status = worker->Resume(); !status.ok()) return status;
    return worker;
  } catch (const std::system_error& e) {
    return absl::ResourceExhaustedError(absl::StrCat("the worker cannot start: ", e.what()));
  }
}

}  // namespace davit::service
