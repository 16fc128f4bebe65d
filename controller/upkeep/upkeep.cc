#include "controller/upkeep/upkeep.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "controller/controller.h"
#include "controller/directory_lock.h"
#include "controller/secrets/rekey.h"
#include "controller/store/sqlite/backup.h"
#include "controller/store/sqlite/sqlite_store.h"

namespace davit {
namespace {

std::string KeyFileOf(const config::v1::ControllerConfig& config) {
  return config.secrets().key_file().empty() ? Controller::KeyFileIn(config.state_directory())
                                             : config.secrets().key_file();
}

// Root restores, the service's user is to read it.
absl::Status GiveToOwnerOf(const std::string& directory, const std::string& file) {
  struct stat status {};
  if (geteuid() != 0) return absl::OkStatus();
  if (stat(directory.c_str(), &status) == 0 &&
      lchown(file.c_str(), status.st_uid, status.st_gid) == 0) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot give ", file, " to its user"));
}

}  // namespace

absl::Status Backup(const config::v1::ControllerConfig& config, const std::string& file) {
  const absl::Status status =
      store::BackupSqliteStore(Controller::DatabaseIn(config.state_directory()), file);
  if (!status.ok()) return status;
  spdlog::info("{}: backup done", file);
  spdlog::info(
      "the key file of the secrets, {}, is not in it: without a copy of that, kept elsewhere, the "
      "secrets in a backup cannot be opened",
      KeyFileOf(config));
  return status;
}

absl::Status Restore(const config::v1::ControllerConfig& config, const std::string& file) {
  const std::string database = Controller::DatabaseIn(config.state_directory());
  if (absl::Status status = store::RestoreSqliteStore(file, database); !status.ok()) return status;
  const absl::Status given = GiveToOwnerOf(config.state_directory(), database);
  if (!given.ok()) return given;
  spdlog::info("{}: restore done", file);
  spdlog::info("its secrets need the key file of when it was made, at {}", KeyFileOf(config));
  return given;
}

absl::Status Rekey(const config::v1::ControllerConfig& config, const std::string& new_key_file) {
  const std::string database = Controller::DatabaseIn(config.state_directory());
  if (!std::filesystem::exists(database)) {
    return absl::NotFoundError(absl::StrCat("there are no records at ", database));
  }
  const auto lock = LockDirectory(config.state_directory(), absl::ZeroDuration());
  if (!lock.ok()) return lock.status();
  const auto store = store::SqliteStore::Open(database);
  if (!store.ok()) return store.status();
  const std::string old_key_file = KeyFileOf(config);
  const absl::Status sealed = secrets::Rekey(**store, old_key_file, new_key_file);
  if (!sealed.ok()) return sealed;
  const absl::Status given = GiveToOwnerOf(config.state_directory(), new_key_file);
  if (!given.ok()) return given;
  spdlog::info("all secrets are sealed under {} now: name it in `secrets.key_file`, then start",
               std::filesystem::absolute(new_key_file).lexically_normal().string());
  spdlog::info("keep {} for the backups that were made before", old_key_file);
  return given;
}

}  // namespace davit
