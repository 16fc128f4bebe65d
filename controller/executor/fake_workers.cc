#include "controller/executor/fake_workers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"

namespace davit::executor {

using worker::v1::RunStepRequest;
using worker::v1::StepFinished;

class FakeWorkerClient final : public fleet::WorkerClient {
 public:
  explicit FakeWorkerClient(FakeWorkers& workers) : workers_(workers) {}

  void RunStep(RunStepRequest request, std::shared_ptr<fleet::StepObserver> observer) override {
    workers_.RunStep(std::move(request), std::move(observer));
  }
  void CancelStep(const worker::v1::StepKey& key) override { workers_.CancelStep(key); }
  void AckStep(const worker::v1::StepKey& key) override { workers_.AckStep(key); }
  absl::StatusOr<worker::v1::GetHostResponse> GetHost(const worker::v1::GetHostRequest&,
                                                      const Call&) override {
    return absl::UnimplementedError("not asked by the executor");
  }
  absl::StatusOr<worker::v1::WatchHostResponse> FirstReport(const worker::v1::WatchHostRequest&,
                                                            const Call&) override {
    return absl::UnimplementedError("not asked by the executor");
  }
  absl::StatusOr<worker::v1::AdoptControllerResponse> AdoptController(
      const worker::v1::AdoptControllerRequest&, const Call&) override {
    return absl::UnimplementedError("not asked by the executor");
  }
  absl::StatusOr<worker::v1::ListBackupsResponse> ListBackups(const worker::v1::ListBackupsRequest&,
                                                              const Call&) override {
    return workers_.Backups();
  }
  absl::Status TailLogs(const worker::v1::TailLogsRequest&, const Call&,
                        absl::FunctionRef<bool(const worker::v1::TailLogsResponse&)>) override {
    return absl::UnimplementedError("not asked by the executor");
  }
  absl::StatusOr<v1::BuiltImage> BuildImage(const worker::v1::BuildJob&, ContextPieces, const Call&,
                                            BuildSink) override {
    return absl::UnimplementedError("not asked by the executor");
  }

 private:
  FakeWorkers& workers_;
};

namespace {

StepFinished Result(StepFinished::Outcome outcome) {
  StepFinished result;
  result.set_outcome(outcome);
  return result;
}

FakeWorkers::Response Started() {
  FakeWorkers::Response response;
  response.mutable_started()->set_journal_id("journal");
  return response;
}

FakeWorkers::Response LogLine(int number) {
  FakeWorkers::Response response;
  response.mutable_log()->set_data(absl::StrCat("line ", number, "\n"));
  response.mutable_log()->mutable_position()->set_container_id("c");
  response.mutable_log()->mutable_position()->set_time_unix_nanos(number);
  return response;
}

}  // namespace

std::string KindOf(const worker::v1::StepSpec& spec) {
  const auto* oneof = worker::v1::StepSpec::descriptor()->oneof_decl(0);
  return spec.GetReflection()->GetOneofFieldDescriptor(spec, oneof)->name();
}

StepFinished FakeWorkers::SuccessOf(const RunStepRequest& request) const {
  StepFinished result = Result(StepFinished::SUCCEEDED);
  worker::v1::StepOutputs& outputs = *result.mutable_outputs();
  const worker::v1::StepSpec& spec = request.spec();
  if (spec.has_observe()) {
    absl::MutexLock lock(&mutex_);
    *outputs.mutable_observe() = shown_;
    outputs.mutable_observe()->set_os("linux");
  }
  if (spec.has_resolve_image()) {
    outputs.mutable_image()->set_reference(spec.resolve_image().reference());
    outputs.mutable_image()->set_image_id("sha256:1234");
  }
  if (spec.has_start_container()) {
    outputs.mutable_container()->set_container_id("container of " + request.key().step_id());
  }
  if (spec.has_backup_database()) {
    outputs.mutable_backup()->set_path(spec.backup_database().directory() + "/1.dump");
  }
  if (spec.has_migrate_database()) {
    absl::MutexLock lock(&mutex_);
    outputs.mutable_migration()->set_meaning(meaning_);
  }
  return result;
}

FakeWorkers::FakeWorkers() : thread_([this] { Loop(); }) {}

FakeWorkers::~FakeWorkers() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

std::unique_ptr<fleet::Fleet> FakeWorkers::Connect(const std::vector<std::string>& hosts) {
  auto fleet = std::make_unique<fleet::Fleet>(
      [this](const std::string&, const std::string&) -> absl::StatusOr<fleet::HostLink> {
        return fleet::HostLink{std::make_unique<FakeWorkerClient>(*this), nullptr};
      });
  for (const std::string& host : hosts) fleet->Add(host, "of a test").IgnoreError();
  return fleet;
}

void FakeWorkers::Fail(const std::string& kind, v1::FailureCode code) {
  if (code != v1::FAILURE_CODE_UNSPECIFIED) {
    return FailWith(kind, MakeFailure(code, "as the test wants it"));
  }
  absl::MutexLock lock(&mutex_);
  scripts_[kind].failure.reset();
}

void FakeWorkers::FailWith(const std::string& kind, const v1::Failure& failure) {
  absl::MutexLock lock(&mutex_);
  scripts_[kind].failure = failure;
}

void FakeWorkers::Hold(const std::string& kind) {
  absl::MutexLock lock(&mutex_);
  scripts_[kind].held = true;
}

void FakeWorkers::Refuse(const std::string& kind, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  scripts_[kind].refusal = status;
}

void FakeWorkers::MakeMigrations(v1::SchemaMeaning meaning) {
  absl::MutexLock lock(&mutex_);
  meaning_ = meaning;
}

void FakeWorkers::Show(const worker::v1::HostObservation& observation) {
  absl::MutexLock lock(&mutex_);
  shown_ = observation;
}

void FakeWorkers::Log(const std::string& kind, int lines) {
  absl::MutexLock lock(&mutex_);
  scripts_[kind].lines = lines;
}

void FakeWorkers::SayLines(const std::string& step_id, int lines) {
  std::vector<std::shared_ptr<fleet::StepObserver>> observers;
  {
    absl::MutexLock lock(&mutex_);
    observers = steps_.at(step_id).observers;
  }
  for (const auto& observer : observers) {
    for (int line = 1; line <= lines; ++line) observer->OnEvent(LogLine(line));
  }
}

void FakeWorkers::SetBackup(const std::string& path, const std::string& sha256) {
  absl::MutexLock lock(&mutex_);
  backups_.Clear();
  backups_.add_backups()->set_path(path);
  backups_.mutable_backups(0)->set_sha256(sha256);
}

void FakeWorkers::SetUnusableBackup(const std::string& path, const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  backups_.Clear();
  backups_.add_unusable()->mutable_backup()->set_path(path);
  backups_.mutable_unusable(0)->set_reason(reason);
}

worker::v1::ListBackupsResponse FakeWorkers::Backups() const {
  absl::MutexLock lock(&mutex_);
  return backups_;
}

void FakeWorkers::OnRun(std::function<void(const RunStepRequest&)> look) {
  absl::MutexLock lock(&mutex_);
  look_ = std::move(look);
}

void FakeWorkers::Release(const std::string& kind) {
  std::vector<RunStepRequest> held;
  {
    absl::MutexLock lock(&mutex_);
    scripts_[kind].held = false;
    for (const auto& [id, step] : steps_) {
      if (!step.ended && KindOf(step.request.spec()) == kind) held.push_back(step.request);
    }
  }
  for (const RunStepRequest& request : held) {
    Post([this, request] { End(request.key().step_id(), SuccessOf(request)); });
  }
}

std::vector<RunStepRequest> FakeWorkers::Runs(const std::string& kind) const {
  absl::MutexLock lock(&mutex_);
  std::vector<RunStepRequest> runs;
  for (const RunStepRequest& run : runs_) {
    if (KindOf(run.spec()) == kind) runs.push_back(run);
  }
  return runs;
}

std::map<std::string, int> FakeWorkers::Begun() const {
  absl::MutexLock lock(&mutex_);
  return begun_;
}

bool FakeWorkers::AwaitAcknowledged(size_t count) const {
  absl::MutexLock lock(&mutex_);
  const auto all = [&]()
                       ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return acknowledged_.size() == count; };
  return mutex_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(20));
}

std::set<std::string> FakeWorkers::Cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

bool FakeWorkers::AwaitHeld(const std::string& kind, int count) const {
  absl::MutexLock lock(&mutex_);
  const auto held = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    const auto it = running_.find(kind);
    return it != running_.end() && it->second >= count;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&held), absl::Seconds(20));
}

void FakeWorkers::Post(std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  posted_.push_back(std::move(work));
}

void FakeWorkers::Loop() {
  while (true) {
    std::function<void()> work;
    {
      absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return stopped_ || !posted_.empty();
      };
      mutex_.Await(absl::Condition(&ready));
      if (posted_.empty()) return;
      work = std::move(posted_.front());
      posted_.pop_front();
    }
    work();
  }
}

void FakeWorkers::RunStep(RunStepRequest request, std::shared_ptr<fleet::StepObserver> observer) {
  std::function<void(const RunStepRequest&)> look;
  {
    absl::MutexLock lock(&mutex_);
    runs_.push_back(request);
    look = look_;
  }
  if (look) look(request);
  Post([this, request = std::move(request), observer = std::move(observer)] {
    Attach(request, observer);
  });
}

void FakeWorkers::CancelStep(const Key& key) {
  {
    absl::MutexLock lock(&mutex_);
    cancelled_.insert(key.step_id());
  }
  Post([this, id = key.step_id()] { End(id, Result(StepFinished::CANCELLED)); });
}

void FakeWorkers::AckStep(const Key& key) {
  absl::MutexLock lock(&mutex_);
  acknowledged_.insert(key.step_id());
}

FakeWorkers::Script FakeWorkers::ScriptOf(const std::string& kind) const {
  absl::MutexLock lock(&mutex_);
  const auto it = scripts_.find(kind);
  return it == scripts_.end() ? Script() : it->second;
}

void FakeWorkers::Attach(const RunStepRequest& request,
                         std::shared_ptr<fleet::StepObserver> observer) {
  const std::string& id = request.key().step_id();
  const Script script = ScriptOf(KindOf(request.spec()));
  if (!script.refusal.ok()) return observer->OnDone(script.refusal);
  observer->OnEvent(Started());
  bool known = false;
  StepFinished result;
  {
    absl::MutexLock lock(&mutex_);
    known = steps_.count(id) > 0;
    Step& step = steps_[id];
    if (!known) step.request = request;
    step.observers.push_back(observer);
    if (step.ended) result = step.result;
    if (!known) {
      ++begun_[id];
      ++running_[KindOf(request.spec())];
    }
  }
  for (int line = 1; line <= script.lines; ++line) observer->OnEvent(LogLine(line));
  if (result.outcome() != StepFinished::OUTCOME_UNSPECIFIED) return End(id, result);
  if (known || script.held) return;
  if (!script.failure) return End(id, SuccessOf(request));
  StepFinished failed = Result(StepFinished::FAILED);
  *failed.mutable_failure() = *script.failure;
  End(id, failed);
}

void FakeWorkers::End(const std::string& step_id, const StepFinished& result) {
  std::vector<std::shared_ptr<fleet::StepObserver>> observers;
  Response response;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = steps_.find(step_id);
    if (it == steps_.end()) return;
    if (!it->second.ended) {
      it->second.ended = true;
      it->second.result = result;
      --running_[KindOf(it->second.request.spec())];
    }
    *response.mutable_finished() = it->second.result;
    observers.swap(it->second.observers);
  }
  for (const auto& observer : observers) {
    observer->OnEvent(response);
    observer->OnDone(absl::OkStatus());
  }
}

}  // namespace davit::executor
