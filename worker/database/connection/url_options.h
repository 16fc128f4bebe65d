#ifndef DAVIT_WORKER_DATABASE_CONNECTION_URL_OPTIONS_H_
#define DAVIT_WORKER_DATABASE_CONNECTION_URL_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "worker/database/connection/database_url.h"

namespace davit::database {

// Puts what stands behind the URL's ? where it belongs: host, port, user, password and
// dbname override the URL's own, as in libpq; libpq's other parameters become options;
// what drivers call otherwise (ssl, currentSchema, schema) is translated; all else is
// left out by name. INVALID_ARGUMENT, worded to follow "the URL", for a port that is none.
absl::Status TakeUrlOption(std::string key, std::string value, DatabaseUrl& url);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_CONNECTION_URL_OPTIONS_H_
