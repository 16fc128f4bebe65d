#include "controller/store/sqlite/errors.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::store {
namespace {

absl::Status ConstraintStatus(int extended_code, absl::string_view message) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::AlreadyExistsError(message);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return absl::NotFoundError(message);
    default:
      return absl::InvalidArgumentError(message);
  }
}

}  // namespace

absl::Status StatusOf(const SQLite::Exception& error) {
  const std::string message = absl::StrCat("The store's database: ", error.what(), ".");
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      return FailureStatus(v1::DISK_FULL,
                           "There is no space left where the controller keeps its records.",
                           {message});
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
      return absl::UnavailableError(message);
    case SQLITE_CONSTRAINT:
      return ConstraintStatus(error.getExtendedErrorCode(), message);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::FailedPreconditionError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace davit::store
