#ifndef DAVIT_CONTROLLER_STORE_SQLITE_IDENTITY_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_IDENTITY_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/store/sqlite/connection.h"
#include "controller/store/store.h"

// Who the store in a database is, and whether it is a copy of another. All of these
// run in the caller's transaction and may throw SQLite::Exception.
namespace davit::store {

// Makes the ids that are not there.
void MakeIdentity(Connection& connection);

// DATA_LOSS when an id is not there.
absl::StatusOr<StoreIdentity> ReadIdentity(Connection& connection);

// Marks the database as a copy. Once it serves, two controllers may believe that
// the same hosts are theirs; the mark is how it learns that it is the other one.
void MarkAsCopy(Connection& connection, absl::Time now);
bool IsCopy(Connection& connection);

// Takes the mark away, and gives what it was on another controller id and the time
// of this.
void RenewIdentityOfCopy(Connection& connection, absl::Time now);

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_IDENTITY_H_
