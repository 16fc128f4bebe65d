#ifndef DAVIT_WORKER_DATABASE_CONNECTION_SERVER_FAILURE_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_SERVER_FAILURE_H_

#include <string>

#include "absl/status/status.h"

namespace davit::database {

// What could not be done over a session (`what`), and the server's words for it (`said`, an error
// of Connection), as an ArchiveFailure: kServer, or what its SQLSTATE or words tell, be it rights,
// sessions that are in the way, a full disk, or that the call has ended.
absl::Status ServerFailure(const std::string& what, const absl::Status& said);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_SERVER_FAILURE_H_
