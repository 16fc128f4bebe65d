#ifndef DAVIT_WORKER_STEPS_DATABASE_ACCESS_H_
#define DAVIT_WORKER_STEPS_DATABASE_ACCESS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call.h"
#include "davit/worker/v1/steps.pb.h"
#include "worker/database/connection/app_names.h"
#include "worker/database/connection/connection.h"
#include "worker/database/connection/database_url.h"
#include "worker/docker/engine.h"
#include "worker/steps/step_runner.h"

namespace davit::steps {

// Which of a database's URLs.
enum class WayIn {
  kApp,    // url: as the apps see it
  kAdmin,  // admin_url where there is one, else url: for backup and restore
};

// The database that a step is about, and the way to it. Immutable; copies are cheap.
class StepDatabase {
 public:
  // Reads the URL from the step's secrets. Errors are Failures: DATABASE_URL_INVALID;
  // INTERNAL when the value did not come with the step. The engine outlives the object.
  static absl::StatusOr<StepDatabase> Of(const worker::v1::DatabaseAccess& access, WayIn way,
                                         const StepContext& context, docker::Engine& engine);

  // In davit.yaml.
  const std::string& name() const { return access_.name(); }
  // As the secret has it. It has the password: print Redacted() alone.
  const database::DatabaseUrl& url() const { return url_; }
  // The command that sets the URL's secret.
  const std::string& set_command() const { return set_it_; }

  // The URL with the addresses that its hosts have in the apps' containers by now:
  // containers that were made anew have others. Errors are those of database::Connect
  // (kNameNotFound), and Failures of the engine.
  absl::StatusOr<database::DatabaseUrl> Resolve(const Call& call) const;
  // Resolve() and database::Connect(), whose errors it has.
  absl::StatusOr<std::unique_ptr<database::Connection>> Connect(
      const database::ConnectOptions& options, const Call& call) const;
  // The same, with errors as FailureFor() makes them.
  absl::StatusOr<std::unique_ptr<database::Connection>> Open(
      const database::ConnectOptions& options, const Call& call) const;

  // What a person is told of an error of Resolve() or Connect(): DATABASE_DENIED where
  // the server knows but refuses us, else DATABASE_UNREACHABLE, with the server's own
  // words as evidence. Failures, CANCELLED and DEADLINE_EXCEEDED stay as they are.
  absl::Status FailureFor(const absl::Status& error) const;

 private:
  StepDatabase() = default;

  absl::StatusOr<database::AppNetwork> Network(const Call& call) const;

  std::string secret_;  // that holds the URL
  std::string set_it_;  // the command that sets that secret
  docker::Engine* engine_ = nullptr;
  worker::v1::DatabaseAccess access_;
  database::DatabaseUrl url_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_ACCESS_H_
