#ifndef DAVIT_CONTROLLER_STORE_SQLITE_ERRORS_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_ERRORS_H_

#include <SQLiteCpp/Exception.h>

#include <utility>

#include "absl/status/status.h"

namespace davit::store {

// What an error of SQLite means to the caller of a store:
//   DISK_FULL (RESOURCE_EXHAUSTED)  no space for the transaction
//   DATA_LOSS                       the file is damaged or no database
//   UNAVAILABLE                     locked for too long, or an I/O error
//   ALREADY_EXISTS, NOT_FOUND       a key is taken; a parent row is absent
//   FAILED_PRECONDITION             the file cannot be opened or written
absl::Status StatusOf(const SQLite::Exception& error);

// Calls `body`, which returns a Status or StatusOr, and turns what it throws
// into a status.
template <typename Body>
auto Guarded(Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const SQLite::Exception& error) {
    return StatusOf(error);
  }
}

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_ERRORS_H_
