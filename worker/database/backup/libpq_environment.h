#ifndef DAVIT_WORKER_DATABASE_BACKUP_LIBPQ_ENVIRONMENT_H_
#define DAVIT_WORKER_DATABASE_BACKUP_LIBPQ_ENVIRONMENT_H_

#include "worker/database/backup/tools.h"
#include "worker/database/connection/database_url.h"
#include "worker/database/connection/server_info.h"

namespace davit::database {

// What makes PostgreSQL's programs reach the database of `url` without a word of it
// among their arguments. Parameters that libpq takes from no variable are left out.
LibpqEnvironment LibpqEnvironmentOf(const DatabaseUrl& url);

// The same for programs that take as long as they need: what the role or the database sets to end
// sessions and statements after a time does not count. A pooler refuses such settings, and is
// asked for none.
LibpqEnvironment PatientEnvironmentOf(const DatabaseUrl& url, const ServerInfo& server);

// Takes what libpq reads (PGPASSWORD, PGSSLMODE, PGSERVICE…) out of this process's
// environment: a database is reached as its URL says, whoever started the worker. An
// empty value would not do, as libpq takes the variable's then. For the beginning of
// main(), as long as there is one thread.
void ForgetLibpqVariables();

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_BACKUP_LIBPQ_ENVIRONMENT_H_
