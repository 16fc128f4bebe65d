#include "controller/store/sqlite/backup.h"

#include <SQLiteCpp/Backup.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "controller/store/sqlite/connection.h"
#include "controller/store/sqlite/errors.h"
#include "controller/store/sqlite/identity.h"
#include "controller/store/sqlite/new_file.h"
#include "controller/store/sqlite/open.h"
#include "controller/store/sqlite/schema.h"

namespace davit::store {
namespace {

absl::Status CheckSound(Connection& connection, absl::string_view what) {
  Query query(connection, "PRAGMA integrity_check(1)");
  const std::string answer = query.Next() ? query.Text(0) : "no answer";
  if (answer == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(what, " is damaged: ", answer, "."));
}

// `error` with the file that it is about, which its own words leave open.
absl::Status About(const absl::Status& error, const std::string& from, const std::string& to) {
  if (IsFailure(error, v1::DISK_FULL)) {
    return FailureStatus(v1::DISK_FULL, absl::StrCat("There is no space left for ", to, "."),
                         {std::string(error.message())});
  }
  return absl::Status(error.code(), absl::StrCat("Copying ", from, ": ", error.message()));
}

// One that is empty, or of another program, is no store.
absl::Status CheckStore(Connection& connection, const std::string& /*path*/) {
  const auto version = ReadSchemaVersion(connection);
  if (!version.ok()) return version.status();
  if (*version > 0) return absl::OkStatus();
  return absl::FailedPreconditionError("It is no store of Davit's.");
}

int64_t Number(Connection& connection, absl::string_view sql) {
  Query query(connection, sql);
  return query.Next() ? query.Number(0) : 0;
}

// SQLite reads zeros where the last page stops short.
absl::Status CheckLength(Connection& connection, const std::string& path) {
  const int64_t pages = Number(connection, "PRAGMA page_count");
  const int64_t wanted = pages * Number(connection, "PRAGMA page_size");
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (!error && static_cast<int64_t>(bytes) == wanted) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("It has not the ", wanted, " bytes that it should."));
}

absl::Status CheckBackup(Connection& connection, const std::string& path) {
  if (absl::Status status = CheckStore(connection, path); !status.ok()) return status;
  if (IsCopy(connection)) return CheckLength(connection, path);
  return absl::FailedPreconditionError(
      "It is no backup but a store that was in use, or the copy of one's file.");
}

// Writes a copy of `from` to `path`, in one piece: of what is committed meanwhile
// all is in it or nothing.
absl::Status WriteCopy(Connection& from, const std::string& path, const SqliteOptions& options) {
  Connection to(path, options.busy_timeout);
  if (options.max_pages > 0) {
    to.Execute(absl::StrCat("PRAGMA max_page_count = ", options.max_pages).c_str());
  }
  const int step = SQLite::Backup(to.database(), from.database()).executeStep(-1);
  if (step != SQLITE_DONE) throw SQLite::Exception("it is locked", step);
  // One file, with nothing beside it. The mode comes with the copy.
  to.Execute("PRAGMA journal_mode = DELETE");
  MarkAsCopy(to, absl::Now());
  return CheckSound(to, "The copy");
}

using Check = absl::FunctionRef<absl::Status(Connection&, const std::string&)>;

absl::Status Copy(const std::string& from, const std::string& to, const SqliteOptions& options,
                  Check check) {
  if (access(from.c_str(), F_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("There is no file ", from, "."));
  }
  auto file = NewFile::Make(to);
  if (!file.ok()) return file.status();
  const absl::Status copied = Guarded([&] {
    auto reader = OpenReader(from, options);
    if (!reader.ok()) return reader.status();
    if (absl::Status status = check(**reader, from); !status.ok()) return status;
    return WriteCopy(**reader, file->path(), options);
  });
  return copied.ok() ? file->Publish() : About(copied, from, to);
}

}  // namespace

absl::Status BackupSqliteStore(const std::string& database, const std::string& file,
                               const SqliteOptions& options) {
  return Copy(database, file, options, CheckStore);
}

absl::Status RestoreSqliteStore(const std::string& file, const std::string& database,
                                const SqliteOptions& options) {
  if (absl::Status status = MakeStoreDirectory(database); !status.ok()) return status;
  return Copy(file, database, options, CheckBackup);
}

}  // namespace davit::store
