#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/failure/failure.h"
#include "google/protobuf/util/time_util.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/connection/server_info.h"
#include "worker/database/connection/wait.h"
#include "worker/database/restore/restore_repair.h"
#include "worker/steps/database/access.h"
#include "worker/steps/database/archive_way.h"
#include "worker/steps/host/disk_space.h"
#include "worker/steps/runners.h"
#include "worker/steps/text/clean_text.h"
#include "worker/steps/text/counted.h"

namespace davit::steps {
namespace {

using google::protobuf::util::TimeUtil;
using worker::v1::WaitDatabase;

// "try 3 of 30: refused: connection to server … failed: Connection refused"
v1::StepProgress AttemptProgress(const database::FailedAttempt& failed) {
  v1::StepProgress progress;
  progress.set_phase(
      absl::StrCat("try ", failed.number, " of ", failed.attempts, ": ",
                   database::ReasonText(failed.problem.reason), ": ",
                   CleanText(absl::StrReplaceAll(
                       absl::StripAsciiWhitespace(failed.problem.evidence), {{"\n", "; "}}))));
  progress.set_done(failed.number);
  progress.set_total(failed.attempts);
  progress.set_unit("tries");
  return progress;
}

// The number alone, without who built it: 15.18 (Debian 15.18-0+deb12u1).
std::string ShortVersion(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 1));
  return parts.first;
}

worker::v1::StepOutputs ToOutputs(const database::ServerInfo& info, int failed_tries) {
  worker::v1::StepOutputs outputs;
  worker::v1::DatabaseFacts& facts = *outputs.mutable_database();
  facts.set_server_version(ShortVersion(info.version_text));
  facts.set_pooler(info.pooler);
  facts.set_size_bytes(info.database_bytes);
  outputs.set_summary(absl::StrCat(
      "PostgreSQL ", facts.server_version(), ", ", FormatBytes(info.database_bytes),
      info.pooler ? ", through a pooler" : "", info.read_only ? ", read-only" : "",
      failed_tries == 0
          ? ""
          : absl::StrCat(", after ", Counted(failed_tries, "failed try", "failed tries"))));
  return outputs;
}

absl::Status GaveUp(const absl::Status& status, int failed_tries) {
  if (absl::IsCancelled(status) || absl::IsDeadlineExceeded(status)) return status;
  v1::Failure failure = FailureOf(status);
  failure.add_evidence(Counted(failed_tries, "failed try", "failed tries"));
  return FailureStatus(failure);
}

// What it refuses now, a migration would meet after its backup.
absl::Status CheckTakesChanges(database::Connection& connection, const Call& call) {
  const auto answer = connection.Query(
      "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')", call);
  if (!answer.ok()) {
    const std::string state = database::SqlState(answer.status());
    const absl::string_view words = answer.status().message();
    return database::ConnectStatus(database::ReasonFor(state, words), words, state);
  }
  if (answer->Text(0, 0) == "t") {
    return database::ConnectStatus(database::ConnectReason::kStandby,
                                   "pg_is_in_recovery() is true");
  }
  if (answer->Text(0, 1) != "on") return absl::OkStatus();
  return database::ConnectStatus(database::ConnectReason::kReadOnly,
                                 "default_transaction_read_only is on");
}

// Only looks, but for what a restore has left: may be run again as it is.
class WaitDatabaseRunner final : public StepRunner {
 public:
  explicit WaitDatabaseRunner(const RunnerEnvironment& environment) : engine_(environment.engine) {}

  absl::StatusOr<worker::v1::StepOutputs> Run(const worker::v1::StepSpec& spec,
                                              const StepContext& context,
                                              StepReporter& reporter) override {
    const WaitDatabase& wait = spec.wait_database();
    const auto database = StepDatabase::Of(wait.database(), WayIn::kApp, context, *engine_);
    if (!database.ok()) return database.status();
    int failed_tries = 0;
    bool repaired = false;
    absl::Status last_error;
    const auto connection = database::WaitForDatabase(
        database->url(), OptionsOf(wait), context.call,
        [&](const database::FailedAttempt& failed) {
          failed_tries = failed.number;
          reporter.Progress(AttemptProgress(failed));
        },
        [&](const Call& call) {
          auto made = Try(wait, *database, context, call, repaired);
          if (!made.ok() && call.Check().ok()) last_error = made.status();
          return made;
        },
        [](absl::Duration interval, const Call& call) { return call.Wait(interval); });
    if (!connection.ok()) {
      // Where tries take long, the time is up before them: why is still what they said.
      const bool late = absl::IsDeadlineExceeded(connection.status()) && !last_error.ok();
      return GaveUp(database->FailureFor(late ? last_error : connection.status()), failed_tries);
    }
    const auto info = database::ReadServerInfo(**connection, context.call);
    if (!info.ok()) return database->FailureFor(info.status());
    worker::v1::StepOutputs outputs = ToOutputs(*info, failed_tries);
    if (repaired) {
      outputs.set_summary(absl::StrCat(
          outputs.summary(),
          "; connections were allowed again, which a restore that was broken off had refused"));
    }
    return outputs;
  }

 private:
  static bool IsSwitchedOff(const absl::Status& status) {
    return database::ReasonOf(status) == database::ConnectReason::kSwitchedOff;
  }

  static absl::StatusOr<std::unique_ptr<database::Connection>> Checked(
      const WaitDatabase& wait, absl::StatusOr<std::unique_ptr<database::Connection>> made,
      const Call& call) {
    if (!made.ok() || !wait.for_changes()) return made;
    if (absl::Status status = CheckTakesChanges(**made, call); !status.ok()) return status;
    return made;
  }

  // One session; `repaired`: it could be had only after a repair.
  absl::StatusOr<std::unique_ptr<database::Connection>> Try(const WaitDatabase& wait,
                                                            const StepDatabase& database,
                                                            const StepContext& context,
                                                            const Call& call,
                                                            bool& repaired) const {
    auto made = database.Connect({}, call);
    if (IsSwitchedOff(made.status()) && Repair(wait.database(), context)) {
      repaired = true;
      made = database.Connect({}, call);
    }
    return Checked(wait, std::move(made), call);
  }

  // Whether a restore that was broken off by the server's end has let nobody in, and they are
  // again.
  bool Repair(const worker::v1::DatabaseAccess& access, const StepContext& context) const {
    const auto way = FindServerWay(access, context, *engine_);
    if (!way.ok()) return false;
    const auto repaired = database::RepairBrokenOffRestore(database::ConnectorTo(way->url),
                                                           way->database, context.call);
    return repaired.ok() && *repaired;
  }

  static database::WaitOptions OptionsOf(const WaitDatabase& wait) {
    database::WaitOptions options;
    if (wait.attempts() > 0) options.attempts = wait.attempts();
    if (wait.has_interval()) {
      options.interval = absl::Nanoseconds(TimeUtil::DurationToNanoseconds(wait.interval()));
    }
    return options;
  }

  docker::Engine* const engine_;
};

}  // namespace

std::unique_ptr<StepRunner> MakeWaitDatabaseRunner(const RunnerEnvironment& environment) {
  return std::make_unique<WaitDatabaseRunner>(environment);
}

}  // namespace davit::steps
