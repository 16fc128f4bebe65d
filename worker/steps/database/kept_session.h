#ifndef DAVIT_WORKER_STEPS_DATABASE_KEPT_SESSION_H_
#define DAVIT_WORKER_STEPS_DATABASE_KEPT_SESSION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"
#include "worker/steps/database/access.h"

namespace davit::steps {

// One session with a step's database for what is asked of it right after one another: to begin one
// takes longer than to ask. Whoever lets time pass closes it, so that the next one who asks comes
// by the database's name, and as its role is by then. Not thread-safe.
class KeptSession {
 public:
  // Not owned.
  explicit KeptSession(const StepDatabase* database) : database_(database) {}

  const StepDatabase& database() const { return *database_; }
  // Begins it where there is none. It may have been lost since it was asked last: then Query() says
  // so, and it is for the caller to close it. Errors are those of StepDatabase's Connect().
  absl::StatusOr<database::Connection*> Get(const Call& call);
  void Close() { connection_.reset(); }

 private:
  const StepDatabase* const database_;
  std::unique_ptr<database::Connection> connection_;
};

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_KEPT_SESSION_H_
