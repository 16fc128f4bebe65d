#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_PLACE_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_PLACE_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace davit::executor {

// Where a database is, without who asks for it: nothing of it is a secret, and it is compared
// with others' all the same without being shown.
struct DatabasePlace {
  std::string server, port, database;  // the whole URL as `database` when it has another form
  std::string host;                    // of Docker, on which the server's name is looked up
  std::set<std::string> networks;      // of Docker, in which it is
};

// `url` as the containers of those networks on `host` see it.
DatabasePlace PlaceOf(absl::string_view url, std::string host, std::set<std::string> networks);

// Whether both are certainly the same database.
bool AreSame(const DatabasePlace& one, const DatabasePlace& other);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_PLACE_H_
