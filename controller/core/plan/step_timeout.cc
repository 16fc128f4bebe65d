#include "controller/core/plan/step_timeout.h"

#include "controller/core/proto_time.h"

namespace davit::core {
namespace {

using worker::v1::StepSpec;

absl::Duration OrDefault(const google::protobuf::Duration& given, absl::Duration otherwise) {
  const absl::Duration duration = FromProto(given);
  return duration > absl::ZeroDuration() ? duration : otherwise;
}

absl::Duration CheckTimeout(const v1::Healthcheck& check) {
  // The defaults of davit.yaml, for a check that nobody has written.
  const int attempts = check.attempts() > 0 ? check.attempts() : 20;
  return FromProto(check.start_delay()) + attempts * OrDefault(check.interval(), absl::Seconds(5)) +
         OrDefault(check.timeout(), absl::Seconds(5)) + absl::Seconds(15);
}

// An attempt may take a while itself where nobody answers.
absl::Duration WaitTimeout(const worker::v1::WaitDatabase& wait) {
  const int attempts = wait.attempts() > 0 ? wait.attempts() : 30;
  return attempts * (OrDefault(wait.interval(), absl::Seconds(1)) + absl::Seconds(6)) +
         absl::Seconds(15);
}

}  // namespace

absl::Duration TimeoutOf(const StepSpec& step) {
  switch (step.kind_case()) {
    case StepSpec::kResolveImage:
      return absl::Seconds(90);
    case StepSpec::kPullImage:
      return absl::Minutes(30);
    case StepSpec::kPreflight:
    case StepSpec::kCreateResources:
    case StepSpec::kRemoveResources:
    case StepSpec::kRemoveFiles:
      return absl::Seconds(60);
    case StepSpec::kStopContainer:
      return OrDefault(step.stop_container().grace_period(), kDefaultStopGrace) + absl::Seconds(30);
    case StepSpec::kRemoveContainer:
      return OrDefault(step.remove_container().grace_period(), kDefaultStopGrace) +
             absl::Minutes(5);
    // Something is down until it is done, so an engine that is away is waited for. A server
    // that drops a database writes first what it has not yet on its disk.
    case StepSpec::kPutBack:
    case StepSpec::kDropLoaded:
      return absl::Minutes(10);
    case StepSpec::kStartContainer:
    case StepSpec::kWriteFiles:
      return absl::Minutes(2);
    // The command's own limit ends it; making and reading the container comes to that.
    case StepSpec::kRunOneOff:
      return OrDefault(step.run_one_off().timeout(), absl::Minutes(2)) + absl::Minutes(1);
    case StepSpec::kWaitDatabase:
      return WaitTimeout(step.wait_database());
    case StepSpec::kBackupDatabase:
      return OrDefault(step.backup_database().timeout(), absl::Minutes(30)) + absl::Minutes(1);
    // Another deployment's migration may have to be waited for as long as one's own.
    case StepSpec::kMigrateDatabase:
      return 2 * OrDefault(step.migrate_database().run().timeout(), absl::Minutes(15)) +
             absl::Minutes(2);
    case StepSpec::kLoadBackup:
      return OrDefault(step.load_backup().timeout(), absl::Hours(1)) + absl::Minutes(1);
    case StepSpec::kRestoreDatabase:
      return OrDefault(step.restore_database().timeout(), kSwapTimeout) + absl::Minutes(1);
    case StepSpec::kCheckHealth:
      return CheckTimeout(step.check_health().healthcheck());
    case StepSpec::kPrune:
      return absl::Minutes(5);
    case StepSpec::kSwitchName:
    case StepSpec::kSetRestartPolicy:
      return absl::Minutes(2);
    case StepSpec::kObserve:
    case StepSpec::KIND_NOT_SET:
      return absl::Seconds(30);
  }
  return absl::Seconds(30);
}

}  // namespace davit::core
