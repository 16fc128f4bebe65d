#ifndef DAVIT_WORKER_STEPS_DATABASE_MIGRATION_ENVIRONMENT_H_
#define DAVIT_WORKER_STEPS_DATABASE_MIGRATION_ENVIRONMENT_H_

#include <string>

#include "absl/time/time.h"
#include "davit/worker/v1/container.pb.h"
#include "davit/worker/v1/worker_service.pb.h"
#include "worker/database/connection/database_url.h"

namespace davit::steps {

// By which a migration's sessions are known on the server: its container's name, as long
// as the server keeps it.
std::string SessionName(const worker::v1::StepKey& key);
std::string SessionNameOf(const std::string& container);

// Lets libpq, in the container, give its sessions that name (PGAPPNAME) and, where there is
// one, the lock timeout (PGOPTIONS); not through a pooler, which refuses options. What the
// app sets itself stays. Other drivers than libpq's ignore both.
void AddSessionSettings(const worker::v1::StepKey& key, absl::Duration lock_timeout, bool pooler,
                        worker::v1::ContainerSpec& container);

// Why the lock timeout has no effect, where that is seen by the URL: libpq takes the URL's
// options, and not PGOPTIONS beside them. Empty: nothing is in its way.
std::string LockTimeoutNote(const database::DatabaseUrl& url, absl::Duration lock_timeout);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_MIGRATION_ENVIRONMENT_H_
