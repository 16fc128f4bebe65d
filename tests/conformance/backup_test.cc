#include "controller/store/sqlite/backup.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "common/failure/failure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/records.h"
#include "tests/support/temp_dir.h"

// Copies of a store: made while it works, and made a store again.
namespace davit::test {
namespace {

using store::BackupSqliteStore;
using store::ReadTxn;
using store::RestoreSqliteStore;
using store::SqliteOptions;
using store::SqliteStore;
using store::Txn;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class Backup : public testing::Test {
 protected:
  static std::unique_ptr<SqliteStore> Open(const std::string& path) {
    auto store = SqliteStore::Open(path);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  static store::StoreIdentity IdentityOf(SqliteStore& store) {
    store::StoreIdentity identity;
    const absl::Status status = store.View([&](ReadTxn& txn) {
      identity = *txn.Identity();
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return identity;
  }
  // One deployment with as many events as its lock's fence says.
  static void Fill(SqliteStore& store, int events) {
    const absl::Status status = store.Update([&](Txn& txn) {
      EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
      for (int i = 1; i <= events; ++i) {
        EXPECT_TRUE(txn.AppendEvents({NoteEvent("d-1", i, std::string(500, 'n'))}).ok());
      }
      return txn.PutLock(LockOf("dev", "d-1", events));
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  static int64_t FenceOf(SqliteStore& store) {
    int64_t fence = 0;
    const absl::Status status = store.View([&](ReadTxn& txn) {
      fence = (*txn.GetLock("shop", "dev"))->fence();
      EXPECT_EQ(txn.ReadEvents("d-1", 0, 1'000'000)->size(), static_cast<size_t>(fence));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return fence;
  }
  // Names in the directory of backups.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.File("backups"))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  static std::string Bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  void SetUp() override { std::filesystem::create_directory(directory_.File("backups")); }

  TempDir directory_;
  const std::string database_ = directory_.File("state/davit.db");
  const std::string file_ = directory_.File("backups/monday");
  const std::string restored_ = directory_.File("restored/davit.db");
};

TEST_F(Backup, BecomesTheSameStoreUnderAnotherController) {
  auto store = Open(database_);
  Fill(*store, 3);
  const store::StoreIdentity before = IdentityOf(*store);
  const absl::Status made = BackupSqliteStore(database_, file_);
  ASSERT_TRUE(made.ok()) << made;
  const absl::Status restored = RestoreSqliteStore(file_, restored_);
  ASSERT_TRUE(restored.ok()) << restored;

  const absl::Time earliest = absl::Now();
  auto copy = Open(restored_);
  EXPECT_EQ(FenceOf(*copy), 3);
  const store::StoreIdentity after = IdentityOf(*copy);
  EXPECT_EQ(after.cluster_id, before.cluster_id);
  EXPECT_NE(after.controller_id, before.controller_id);
  EXPECT_GE(after.restored, earliest);
  EXPECT_LE(after.restored, absl::Now());
  EXPECT_EQ(IdentityOf(*store).controller_id, before.controller_id);
  EXPECT_EQ(IdentityOf(*store).restored, absl::InfinitePast());
}

TEST_F(Backup, BecomesAnotherControllerOnceOnly) {
  Fill(*Open(database_), 1);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  ASSERT_TRUE(RestoreSqliteStore(file_, restored_).ok());
  const store::StoreIdentity first = IdentityOf(*Open(restored_));
  const store::StoreIdentity second = IdentityOf(*Open(restored_));
  EXPECT_EQ(first.controller_id, second.controller_id);
  EXPECT_EQ(first.restored, second.restored);
}

TEST_F(Backup, RestoresAsManyControllersAsItIsAskedFor) {
  Fill(*Open(database_), 1);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  const std::string other = directory_.File("other/davit.db");
  ASSERT_TRUE(RestoreSqliteStore(file_, restored_).ok());
  ASSERT_TRUE(RestoreSqliteStore(file_, other).ok());
  EXPECT_NE(IdentityOf(*Open(restored_)).controller_id, IdentityOf(*Open(other)).controller_id);
}

TEST_F(Backup, IsOneFileForItsOwnerAlone) {
  auto store = Open(database_);
  Fill(*store, 3);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  EXPECT_THAT(Files(), UnorderedElementsAre("monday"));
  struct stat status {};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  // Neither version number says WAL, so that reading it lays nothing beside it.
  EXPECT_EQ(Bytes(file_).substr(18, 2), "\1\1");
}

TEST_F(Backup, HoldsOneMomentWhileAnotherThreadCommits) {
  auto store = Open(database_);
  Fill(*store, 50);
  std::atomic<bool> stop = false;
  std::atomic<int64_t> committed = 50;
  std::thread writer([&] {
    while (!stop) {
      const int64_t next = committed + 1;
      const absl::Status status = store->Update([&](Txn& txn) {
        EXPECT_TRUE(txn.PutLock(LockOf("dev", "d-1", next)).ok());
        return txn.AppendEvents({NoteEvent("d-1", next)});
      });
      EXPECT_TRUE(status.ok()) << status;
      committed = next;
    }
  });
  for (int round = 0; round < 10; ++round) {
    const std::string file = absl::StrCat(file_, round);
    const std::string copy = absl::StrCat(restored_, round);
    const int64_t before = committed;
    const absl::Status made = BackupSqliteStore(database_, file);
    EXPECT_TRUE(made.ok()) << made;
    const int64_t after = committed + 1;
    ASSERT_TRUE(RestoreSqliteStore(file, copy).ok());
    const int64_t fence = FenceOf(*Open(copy));
    EXPECT_GE(fence, before);
    EXPECT_LE(fence, after);
  }
  stop = true;
  writer.join();
}

TEST_F(Backup, CopiesAStoreThatNobodyHasOpen) {
  Fill(*Open(database_), 5);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  ASSERT_TRUE(RestoreSqliteStore(file_, restored_).ok());
  EXPECT_EQ(FenceOf(*Open(restored_)), 5);
}

TEST_F(Backup, OverwritesNothing) {
  Fill(*Open(database_), 1);
  std::ofstream(file_) << "precious";
  const absl::Status status = BackupSqliteStore(database_, file_);
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(file_));
  EXPECT_EQ(Bytes(file_), "precious");
  EXPECT_THAT(Files(), UnorderedElementsAre("monday"));
}

TEST_F(Backup, SaysThatThereIsNoDatabase) {
  const absl::Status status = BackupSqliteStore(database_, file_);
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_FALSE(std::filesystem::exists(database_));
  EXPECT_THAT(Files(), testing::IsEmpty());
}

TEST_F(Backup, LeavesNothingBehindWhenTheDiskIsFull) {
  Fill(*Open(database_), 500);
  SqliteOptions small;
  small.max_pages = 20;
  absl::Status status = BackupSqliteStore(database_, file_, small);
  EXPECT_TRUE(IsFailure(status, v1::DISK_FULL)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(file_));
  EXPECT_THAT(Files(), testing::IsEmpty());

  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  status = RestoreSqliteStore(file_, directory_.File("backups/davit.db"), small);
  EXPECT_TRUE(IsFailure(status, v1::DISK_FULL)) << status;
  EXPECT_THAT(Files(), UnorderedElementsAre("monday"));
}

TEST_F(Backup, DoesNotCopyADamagedStore) {
  Fill(*Open(database_), 500);
  std::fstream file(database_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(std::streamoff{20} * 4096);
  for (int page = 20; page < 40; ++page) file << std::string(4096, 'j');
  file.close();
  const absl::Status status = BackupSqliteStore(database_, file_);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(Files(), testing::IsEmpty());
}

TEST_F(Backup, IsNotMadeOfAnotherProgramsDatabase) {
  const std::string path = directory_.File("theirs.db");
  SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t (x)");
  EXPECT_TRUE(absl::IsFailedPrecondition(BackupSqliteStore(path, file_)));
  EXPECT_TRUE(absl::IsFailedPrecondition(BackupSqliteStore(directory_.Write("empty", ""), file_)));
  EXPECT_THAT(Files(), testing::IsEmpty());
}

TEST_F(Backup, IsNotRestoredOverADatabase) {
  Fill(*Open(database_), 1);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  const std::string before = Bytes(database_);
  const absl::Status status = RestoreSqliteStore(file_, database_);
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(database_));
  EXPECT_EQ(Bytes(database_), before);
}

TEST_F(Backup, IsNotRestoredBesideTheLogOfALostDatabase) {
  Fill(*Open(database_), 1);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  directory_.Write("restored/davit.db-wal", "of another database");
  const absl::Status status = RestoreSqliteStore(file_, restored_);
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("davit.db-wal"));
}

TEST_F(Backup, IsRefusedWhenItStopsShort) {
  Fill(*Open(database_), 500);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  const auto size = std::filesystem::file_size(file_);
  for (const auto kept : {size - 4096, size - 1, size / 2, uintmax_t{4096}, uintmax_t{50}}) {
    const std::string cut = absl::StrCat(file_, ".cut");
    std::filesystem::copy_file(file_, cut, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(cut, kept);
    const absl::Status status = RestoreSqliteStore(cut, restored_);
    EXPECT_TRUE(absl::IsDataLoss(status)) << kept << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(cut));
    EXPECT_FALSE(std::filesystem::exists(restored_));
  }
}

TEST_F(Backup, IsRefusedWhenItIsNoBackup) {
  auto store = Open(database_);
  Fill(*store, 1);
  store.reset();
  for (const std::string& file :
       {database_, directory_.Write("empty", ""), directory_.Write("short", "text")}) {
    const absl::Status status = RestoreSqliteStore(file, restored_);
    EXPECT_FALSE(status.ok()) << file;
    EXPECT_THAT(std::string(status.message()), HasSubstr(file));
    EXPECT_FALSE(std::filesystem::exists(restored_));
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(RestoreSqliteStore(database_, restored_)));
  EXPECT_TRUE(absl::IsNotFound(RestoreSqliteStore(directory_.File("nowhere"), restored_)));
}

TEST_F(Backup, OfANewerDavitIsRefused) {
  Fill(*Open(database_), 1);
  ASSERT_TRUE(BackupSqliteStore(database_, file_).ok());
  SQLite::Database(file_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 999");
  const absl::Status status = RestoreSqliteStore(file_, restored_);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("newer Davit"));
}

}  // namespace
}  // namespace davit::test
