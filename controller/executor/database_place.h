#ifndef DAVIT_CONTROLLER_EXECUTOR_DATABASE_PLACE_H_
#define DAVIT_CONTROLLER_EXECUTOR_DATABASE_PLACE_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace davit::executor {

// Where a database is, without who asks for it; to be compared with others', never to be shown: of
// a URL of another form than postgres://SERVER/DATABASE or with the schemes of frameworks,
// `database` is all of it, its password too.
struct DatabasePlace {
  std::string server, port;  // in lower case; empty when the URL has another form
  std::string database;
  std::string host;                // of Docker, on which the server's name is looked up
  std::set<std::string> networks;  // of Docker, in which it is
};

// `url` as the containers of those networks on `host` see it.
DatabasePlace PlaceOf(absl::string_view url, std::string host, std::set<std::string> networks);

// Whether both are certainly the same database.
bool AreSame(const DatabasePlace& one, const DatabasePlace& other);

}  // namespace davit::executor

#endif  // DAVIT_CONTROLLER_EXECUTOR_DATABASE_PLACE_H_
