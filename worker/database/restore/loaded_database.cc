#include "worker/database/restore/loaded_database.h"

#include "absl/strings/str_cat.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/connection/server_failure.h"
#include "worker/database/connection/sql_quote.h"

namespace davit::database {
namespace {

constexpr char kLoadedSql[] = R"(
  SELECT oid, pg_get_userbyid(datdba),
         coalesce(shobj_description(oid, 'pg_database') = $2, false)
  FROM pg_database WHERE datname = $1)";

// Who looks around on the server reads it, too.
std::string MarkOf(const std::string& file) {
  return absl::StrCat("davit: the backup ", file, ", read in to its end");
}

}  // namespace

absl::StatusOr<LoadedDatabase> FindLoaded(Connection& connection, const std::string& fresh,
                                          const std::string& file, const Call& call) {
  const auto found = connection.Query(kLoadedSql, {fresh, MarkOf(file)}, call);
  if (!found.ok()) return ServerFailure("the databases cannot be looked up", found.status());
  if (found->rows.empty()) return LoadedDatabase();
  return LoadedDatabase{.exists = true,
                        .whole = found->Text(0, 2) == "t",
                        .oid = found->Text(0, 0),
                        .owner = found->Text(0, 1)};
}

absl::Status MarkWhole(Connection& connection, const std::string& fresh, const std::string& file,
                       const Call& call) {
  const std::string what = absl::StrCat("the fresh database ", fresh, " cannot be marked as whole");
  const auto marked = connection.Query(absl::StrCat("COMMENT ON DATABASE ", QuotedIdentifier(fresh),
                                                    " IS ", QuotedLiteral(MarkOf(file))),
                                       call);
  if (!marked.ok()) return ServerFailure(what, marked.status());
  // Where there is no such database, the server only warns.
  const auto loaded = FindLoaded(connection, fresh, file, call);
  if (!loaded.ok()) return loaded.status();
  if (loaded->whole) return absl::OkStatus();
  return ArchiveFailureStatus(
      {ArchiveReason::kLoadedGone, what, "it is not there any more", "restore again"});
}

}  // namespace davit::database
