#ifndef DAVIT_WORKER_DATABASE_TESTING_RESTORE_FIXTURE_H_
#define DAVIT_WORKER_DATABASE_TESTING_RESTORE_FIXTURE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_connector.h"
#include "worker/database/restore/load_backup.h"
#include "worker/database/restore/swap_in.h"
#include "worker/database/testing/postgres_fixture.h"

namespace davit::database {

// What happens to a statement, by its number from 1. An error is returned instead of
// what the server says; nothing is sent then.
using StatementGuard = std::function<absl::Status(int number)>;

// The same connections, whose statements a guard sees first; they are counted over all.
DatabaseConnector Guarded(DatabaseConnector connect, StatementGuard before);

// The failure's; any other error fails the test.
ArchiveReason ReasonOfRestore(const absl::Status& status);

// A database in service whose table `state` says "now", and a backup in which it says
// "then". It belongs to a role of its own, which is no superuser.
class RestoreTest : public PostgresTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  DatabaseConnector connector() const;
  // To the test's server as owner_.
  DatabaseConnector ConnectorOfOwner() const;
  BackupRecord BackItUp();
  LoadRequest LoadOf() const;
  SwapRequest SwapOf() const;
  absl::Status Load(const DatabaseConnector& connect);
  // Both halves.
  absl::StatusOr<SwapResult> Restore(const DatabaseConnector& connect);
  // In a process of its own. Whether it has come to a good end.
  bool RestoreInAChild(const DatabaseConnector& connect);
  // Drops what was loaded, and is not in place.
  absl::Status Repair() const;

  // What `state` says, to one who connects anew; or the server's words.
  std::string State() const;
  std::string Server(absl::string_view sql) const;  // beside the database
  // Databases whose names begin with the test's, a line each, with whether they allow
  // connections: NAME|t.
  std::string Databases() const;
  std::string OnlyTheOldOne() const { return database() + "|t\n"; }
  std::string Fresh() const;  // what the loaded one is called
  std::string WithTheFreshOne() const { return OnlyTheOldOne() + Fresh() + "|t\n"; }

  test::TempDir temp_;
  std::optional<HostTools> tools_;
  BackupRecord backup_;
  std::string owner_;
  const absl::Time begun_ = absl::Now();
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_TESTING_RESTORE_FIXTURE_H_
