#include "worker/steps/one_off/container.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/steady_time.h"
#include "worker/steps/container/inputs.h"
#include "worker/steps/container/lookup.h"
#include "worker/steps/container/start_failure.h"
#include "worker/steps/one_off/end.h"

namespace davit::steps {
namespace {

using docker::ContainerDetails;

constexpr absl::Duration kKillPatience = absl::Seconds(30);
// The engine adds its own defaults where nothing is said, and refuses "no limit".
constexpr char kNoRotation[] = "1000p";

bool IsAnswerLost(const absl::Status& status) {
  return IsFailure(status, v1::DOCKER_UNREACHABLE) || absl::IsCancelled(status) ||
         absl::IsDeadlineExceeded(status) || IsFailure(status, v1::STEP_TIMEOUT);
}

}  // namespace

Call AnotherCall(absl::Duration patience) { return {.steady_deadline = SteadyNow() + patience}; }

bool IsOf(const worker::v1::StepKey& key, const ContainerDetails& container) {
  const worker::v1::StepKey named = OneOffKey(container.observed.labels());
  return named.cluster_id() == key.cluster_id() && named.step_id() == key.step_id();
}

OneOffContainer::OneOffContainer(const RunnerEnvironment& environment,
                                 absl::Duration start_patience,
                                 const worker::v1::RunOneOff& one_off, const StepContext& context)
    : engine_(environment.engine),
      state_directory_(environment.state_directory),
      start_patience_(start_patience),
      started_(state_directory_),
      one_off_(one_off),
      context_(context),
      name_(OneOffName(context.key)) {}

absl::Status OneOffContainer::Begin(const std::function<absl::Status()>& prepare) {
  auto container = Obtain();
  if (!container.ok()) return container.status();
  Remember(*std::move(container));
  return EnsureStarted(prepare);
}

void OneOffContainer::Remember(ContainerDetails details) {
  details_ = std::move(details);
  if (!details_.addresses.empty()) addresses_ = details_.addresses;
}

// As an earlier run of the step has made it, or a new one.
absl::StatusOr<ContainerDetails> OneOffContainer::Obtain() const {
  auto found = FindContainer(*engine_, name_, context_.call);
  if (!found.ok()) return found.status();
  if (found->has_value()) {
    if (IsOf(context_.key, **found)) return **std::move(found);
    return FailureStatus(
        v1::NAME_IN_USE, absl::StrCat("a container ", name_, " exists already"),
        {absl::StrCat("it is ", Describe((*found)->observed), ", and not of this step")});
  }
  if (started_.Contains(context_.key)) return WasRemoved();
  return Create();
}

absl::StatusOr<ContainerDetails> OneOffContainer::Create() const {
  auto spec = WithInputs(one_off_.container(), context_.secrets, state_directory_);
  if (!spec.ok()) return spec.status();
  spec->set_service_name(Called());
  spec->clear_ports();
  spec->set_log_driver("json-file");
  spec->clear_log_options();
  (*spec->mutable_log_options())["max-size"] = kNoRotation;
  for (auto& [label, value] : OneOffLabels(context_.key, state_directory_)) {
    (*spec->mutable_labels())[label] = std::move(value);
  }
  if (absl::Status status = started_.Prepare(); !status.ok()) return status;
  const auto id = engine_->CreateContainer(name_, *spec, "no", context_.call);
  if (!id.ok()) return id.status();
  return engine_->InspectContainer(*id, context_.call);
}

// Whatever comes back, it was started once, or never will be.
absl::Status OneOffContainer::EnsureStarted(const std::function<absl::Status()>& prepare) {
  if (WasStarted(details_)) return absl::OkStatus();
  if (started_.Contains(context_.key)) return AwaitStart();
  if (prepare) {
    if (absl::Status status = prepare(); !status.ok()) return status;
  }
  if (absl::Status status = context_.call.Check(); !status.ok()) return status;
  if (absl::Status status = started_.Add(context_.key); !status.ok()) return status;
  const absl::Status start = engine_->StartContainer(id(), context_.call, Called());
  if (start.ok() || IsAnswerLost(start)) return AwaitStart();
  return ExplainStartFailure(*engine_, start, name_, one_off_.container(), context_.call);
}

// Looks, and only looks, until it has been started. Not by the step's own time: what
// has begun must be known to be ended.
absl::Status OneOffContainer::AwaitStart() {
  const Call call = AnotherCall(start_patience_);
  do {
    const auto there = Look(call);
    if (there.ok() && !*there) return WasRemoved();
    if (WasStarted(details_)) return absl::OkStatus();
    if (!details_.error.empty()) {
      return FailureStatus(v1::CONTAINER_REFUSED, absl::StrCat(Called(), " could not be started"),
                           {absl::StrCat("Docker: ", details_.error)});
    }
    if (IsLeftToTheNext()) return absl::CancelledError("left to the next worker");
  } while (call.Wait(kFirstLook).ok());
  return GiveUpStart();
}

// Gone, it cannot be started late.
absl::Status OneOffContainer::GiveUpStart() {
  const absl::Status removed = engine_->RemoveContainer(id(), AnotherCall(kLastWords));
  if (!removed.ok()) return Unended(removed);
  return OneOffInterrupted(one_off_, "was told to start and was not seen to",
                           {absl::StrCat("container: ", name_)});
}

absl::StatusOr<bool> OneOffContainer::Look(const Call& call) {
  auto found = FindContainer(*engine_, id(), call);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return false;
  Remember(**std::move(found));
  return true;
}

absl::StatusOr<bool> OneOffContainer::Kill() {
  const Call call = AnotherCall(kKillPatience);
  absl::Status last;
  do {
    last = engine_->KillContainer(id(), call.Within(kLastWords));
    const auto there = Look(call.Within(kLastWords));
    if (there.ok() && !*there) return false;
    if (there.ok() && !IsRunning(details_)) return true;
  } while (call.Wait(kFirstLook).ok());
  return Unended(last);
}

// Its container is nothing that people know.
std::string OneOffContainer::Called() const {
  return one_off_.title().empty() ? name_ : one_off_.title();
}

bool OneOffContainer::HasExited() const {
  const std::string& state = details_.observed.state();
  return WasStarted(details_) && (state == "exited" || state == "dead");
}

absl::Status OneOffContainer::WasRemoved() const {
  return OneOffInterrupted(one_off_, "was removed before its end was known",
                           {absl::StrCat("container: ", name_)});
}

absl::Status OneOffContainer::Unended(const absl::Status& status) const {
  return FailureStatus(v1::STEP_UNKNOWN,
                       absl::StrCat("container ", name_, " could not be ended: it may still run"),
                       {std::string(status.message())});
}

}  // namespace davit::steps
