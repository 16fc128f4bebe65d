#ifndef DAVIT_WORKER_DATABASE_RESTORE_RESTORE_TARGET_H_
#define DAVIT_WORKER_DATABASE_RESTORE_RESTORE_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call.h"
#include "worker/database/connection/connection.h"

namespace davit::database {

// A database that is to be replaced, as the server's catalogue has it.
struct RestoreTarget {
  std::string name;
  std::string oid;
  std::string owner;
  std::string encoding;
  std::string collate, ctype;
  std::string provider;  // c, i (ICU), b (builtin); empty before PostgreSQL 15
  std::string locale;    // of ICU or builtin
  std::string icu_rules;
  std::string tablespace;  // empty: the one that is taken by itself
};

// Looks the database up, and whether the connection's role may do all that a restore does
// to it. Errors are ArchiveFailures: kDatabaseMissing, kRights, kServer.
absl::StatusOr<RestoreTarget> FindRestoreTarget(Connection& connection, const std::string& database,
                                                const Call& call);

// CREATE DATABASE `fresh`: empty, with the owner, encoding and locale of `target`.
std::string CreateLike(const RestoreTarget& target, const std::string& fresh);

// Gives `fresh` what CREATE DATABASE does not and pg_restore neither: settings (those
// for single roles too), grants, connection limit. What is the case of the comment and of being
// a template, the swap itself carries over. Returns the names of the settings that the role may
// not set, which only a superuser may in part: the database serves without them.
absl::StatusOr<std::vector<std::string>> CarrySettingsOver(Connection& connection,
                                                           const RestoreTarget& target,
                                                           const std::string& fresh,
                                                           const Call& call);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_RESTORE_RESTORE_TARGET_H_
