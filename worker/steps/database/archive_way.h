#ifndef DAVIT_WORKER_STEPS_DATABASE_ARCHIVE_WAY_H_
#define DAVIT_WORKER_STEPS_DATABASE_ARCHIVE_WAY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/database/backup/tools.h"
#include "worker/database/connection/database_url.h"
#include "worker/database/connection/server_info.h"
#include "worker/docker/engine.h"
#include "worker/steps/database/access.h"

namespace davit::steps {

// What a backup or a restore needs to begin: a server that lets us in and is no pooler
// that would spoil it, and programs that understand it: the host's, or where it has none
// the server's own, in a container of its image.
struct ArchiveWay {
  std::string name;           // in davit.yaml
  database::DatabaseUrl url;  // with the one host that was reached; has the password
  database::ServerInfo server;
  std::unique_ptr<database::ToolRunner> tools;
  std::string database;     // its name on the server
  std::string server_name;  // whose database: of BackupRecord.server
};

// By admin_url, where there is one, which must lead to the database that the apps use. Of several
// hosts a restore takes the one that can be written. Errors are Failures: those of StepDatabase,
// else of `code`.
absl::StatusOr<ArchiveWay> FindArchiveWay(const worker::v1::DatabaseAccess& access,
                                          const StepContext& context, docker::Engine& engine,
                                          const database::ToolPlaces& places, v1::FailureCode code);

// The way to a database's server, for what is done beside the database: that may let nobody in.
struct ServerWay {
  std::string name;           // in davit.yaml
  database::DatabaseUrl url;  // with the hosts' addresses; has the password
  std::string database;       // its name on the server
};

// By admin_url, where there is one, to the host that can be written. Nobody is asked yet but the
// engine. Errors are those of StepDatabase.
absl::StatusOr<ServerWay> FindServerWay(const worker::v1::DatabaseAccess& access,
                                        const StepContext& context, docker::Engine& engine);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_DATABASE_ARCHIVE_WAY_H_
