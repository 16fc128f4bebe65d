#include "worker/database/restore/restore_leftovers.h"

#include "absl/strings/str_cat.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/restore/database_swap.h"
#include "worker/database/restore/restore_names.h"

namespace davit::database {
namespace {

// $1: what their names begin with; a hash follows.
constexpr char kLeftoversSql[] = R"(
  SELECT datname FROM pg_database
  WHERE starts_with(datname, $1) AND substr(datname, length($1) + 1) ~ '^[0-9a-f]{14}$')";

}  // namespace

absl::Status DropDatabase(Connection& connection, const std::string& name, const Call& call) {
  const auto ended = connection.Query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", {name}, call);
  const auto dropped =
      connection.Query(absl::StrCat("DROP DATABASE IF EXISTS ", QuotedIdentifier(name)), call);
  if (dropped.ok()) return absl::OkStatus();
  return ServerFailure(absl::StrCat("the unfinished database ", name, " cannot be removed"),
                       ended.ok() ? dropped.status() : ended.status());
}

absl::StatusOr<std::vector<std::string>> LoadedBeside(Connection& connection,
                                                      const std::string& database,
                                                      const Call& call) {
  const auto leftovers = connection.Query(kLeftoversSql, {RestoringPrefix(database)}, call);
  if (!leftovers.ok()) {
    return ServerFailure("the databases cannot be looked up", leftovers.status());
  }
  std::vector<std::string> names;
  for (size_t row = 0; row < leftovers->rows.size(); ++row)
    names.push_back(leftovers->Text(row, 0));
  return names;
}

absl::Status RemoveRestoreLeftovers(Connection& connection, const std::string& database,
                                    const Call& call) {
  const auto leftovers = LoadedBeside(connection, database, call);
  if (!leftovers.ok()) return leftovers.status();
  if (leftovers->empty()) return absl::OkStatus();
  // First what is in service.
  if (absl::Status allowed = AllowConnections(connection, database, call); !allowed.ok()) {
    return allowed;
  }
  for (const std::string& name : *leftovers) {
    absl::Status dropped = DropDatabase(connection, name, call);
    if (!dropped.ok()) return dropped;
  }
  return absl::OkStatus();
}

}  // namespace davit::database
