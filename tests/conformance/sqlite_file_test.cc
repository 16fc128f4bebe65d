#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "common/failure/failure.h"
#include "controller/store/sqlite/sqlite_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/records.h"
#include "tests/support/temp_dir.h"

// What only a store in a file can get wrong.
namespace davit::test {
namespace {

using store::ReadTxn;
using store::SqliteOptions;
using store::SqliteStore;
using store::Store;
using store::Txn;

class SqliteFile : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open(const SqliteOptions& options = {}) {
    auto store = SqliteStore::Open(path_, options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  static int ModeOf(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return static_cast<int>(status.st_mode & 0777);
  }
  static store::StoreIdentity IdentityOf(Store& store) {
    store::StoreIdentity identity;
    const absl::Status status = store.View([&](ReadTxn& txn) {
      identity = *txn.Identity();
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return identity;
  }

  TempDir directory_;
  const std::string path_ = directory_.File("state/davit.db");
};

TEST_F(SqliteFile, KeepsEverythingOverAReopening) {
  store::StoreIdentity identity;
  {
    auto store = Open();
    identity = IdentityOf(*store);
    const absl::Status status = store->Update([](Txn& txn) {
      EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
      EXPECT_TRUE(txn.PutStep("d-1", 0, StepNamed("one")).ok());
      EXPECT_TRUE(txn.AppendEvents({LogEvent("d-1", 1, std::string(9999, 'x'))}).ok());
      EXPECT_TRUE(txn.PutLock(LockOf("dev", "d-1", 5)).ok());
      EXPECT_TRUE(txn.PutHost(HostAt("web1", "unix:/w1")).ok());
      EXPECT_TRUE(txn.PutSecret(SecretOf("dev", "KEY", 2, "sealed")).ok());
      EXPECT_TRUE(txn.PutSecretKeyCheck("check").ok());
      return txn.PutRelease(ReleaseNumbered(4, true));
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  auto store = Open();
  EXPECT_EQ(IdentityOf(*store).cluster_id, identity.cluster_id);
  EXPECT_EQ(IdentityOf(*store).controller_id, identity.controller_id);
  EXPECT_EQ(IdentityOf(*store).restored, absl::InfinitePast());
  const absl::Status status = store->View([](ReadTxn& txn) {
    EXPECT_EQ(txn.GetDeployment("d-1")->steps.at(0).view().title(), "one");
    EXPECT_EQ(txn.ReadEvents("d-1", 0, 9)->at(0).log().data().size(), 9999u);
    EXPECT_EQ((*txn.GetLock("shop", "dev"))->fence(), 5);
    EXPECT_EQ(txn.LiveReleases("shop", "dev")->at(0).view().number(), 4);
    EXPECT_EQ(txn.UnfinishedDeployments()->size(), 1u);
    EXPECT_EQ(txn.GetHost("web1")->address(), "unix:/w1");
    EXPECT_EQ(txn.GetSecret("shop", "dev", "KEY", 2)->sealed(), "sealed");
    EXPECT_EQ(*txn.SecretKeyCheck(), "check");
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SqliteFile, GivesEachStoreAnIdentityOfItsOwn) {
  auto other = SqliteStore::Open(directory_.File("other.db"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_NE(IdentityOf(*Open()).cluster_id, IdentityOf(**other).cluster_id);
  EXPECT_NE(IdentityOf(*Open()).controller_id, IdentityOf(**other).controller_id);
}

TEST_F(SqliteFile, IsReadableByItsOwnerAlone) {
  auto store = Open();
  ASSERT_TRUE(store->Update([](Txn& txn) { return txn.PutLock(LockOf("dev", "", 1)); }).ok());
  EXPECT_EQ(ModeOf(directory_.File("state")), 0700);
  for (const char* suffix : {"", "-wal", "-shm"}) EXPECT_EQ(ModeOf(path_ + suffix), 0600) << suffix;
}

TEST_F(SqliteFile, BringsAStoreOfTheFirstSchemaUpToDate) {
  store::StoreIdentity before;
  {
    auto store = Open();
    before = IdentityOf(*store);
    ASSERT_TRUE(store->Update([](Txn& txn) { return txn.PutDeployment(Record("d-1")); }).ok());
  }
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec(
          "DROP TABLE hosts; DROP TABLE secrets; DROP TABLE secret_key; DELETE FROM meta WHERE key "
          "= 'controller_id';"
          " PRAGMA user_version = 1");
  auto store = Open();
  EXPECT_EQ(IdentityOf(*store).cluster_id, before.cluster_id);
  EXPECT_EQ(IdentityOf(*store).controller_id.size(), 32u);
  EXPECT_NE(IdentityOf(*store).controller_id, before.controller_id);
  const absl::Status status = store->Update([](Txn& txn) {
    EXPECT_TRUE(txn.GetDeployment("d-1").ok());
    return txn.PutHost(HostAt("web1", "unix:/w1"));
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(SqliteFile, RefusesANewerSchemaAndSaysSo) {
  Open();
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 999");
  const auto store = SqliteStore::Open(path_);
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
  EXPECT_THAT(std::string(store.status().message()),
              testing::AllOf(testing::HasSubstr("999"), testing::HasSubstr("newer Davit")));
}

TEST_F(SqliteFile, RefusesTheDatabaseOfAnotherProgram) {
  const std::string path = directory_.File("theirs.db");
  SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t (x)");
  const auto store = SqliteStore::Open(path);
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
}

TEST_F(SqliteFile, SaysDataLossOfAFileThatIsNoDatabase) {
  const std::string path = directory_.File("junk.db");
  std::ofstream(path) << std::string(8192, 'j');
  const auto store = SqliteStore::Open(path);
  EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
}

TEST_F(SqliteFile, SaysDataLossOfADamagedRecord) {
  auto store = Open();
  ASSERT_TRUE(store->Update([](Txn& txn) { return txn.PutDeployment(Record("d-1")); }).ok());
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE deployments SET record = x'ff'");
  const absl::Status status =
      store->View([](ReadTxn& txn) { return txn.GetDeployment("d-1").status(); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST_F(SqliteFile, SaysDataLossOfALogThatStopsShort) {
  auto store = Open();
  ASSERT_TRUE(store
                  ->Update([](Txn& txn) {
                    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
                    return txn.AppendEvents({LogEvent("d-1", 1, std::string(60000, 'x'))});
                  })
                  .ok());
  SQLite::Database(path_, SQLite::OPEN_READWRITE)
      .exec("UPDATE events SET event = substr(event, 1, length(event) / 2)");
  const absl::Status status =
      store->View([](ReadTxn& txn) { return txn.ReadEvents("d-1", 0, 9).status(); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST_F(SqliteFile, CompressesLogsThatAreLong) {
  auto store = Open();
  const absl::Status status = store->Update([](Txn& txn) {
    EXPECT_TRUE(txn.PutDeployment(Record("d-1")).ok());
    return txn.AppendEvents(
        {LogEvent("d-1", 1, std::string(60000, 'x')), LogEvent("d-1", 2, std::string(80, 'x'))});
  });
  ASSERT_TRUE(status.ok()) << status;
  SQLite::Database database(path_, SQLite::OPEN_READONLY);
  EXPECT_LT(database.execAndGet("SELECT length(event) FROM events WHERE sequence = 1").getInt(),
            6000);
  EXPECT_EQ(database.execAndGet("SELECT compressed FROM events WHERE sequence = 2").getInt(), 0);
}

TEST_F(SqliteFile, SaysUnavailableWhenAnotherProcessHoldsTheLockForTooLong) {
  SqliteOptions impatient;
  impatient.busy_timeout = absl::Milliseconds(20);
  auto store = Open(impatient);
  SQLite::Database other(path_, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  const Store::UpdateFn write = [](Txn& txn) { return txn.PutLock(LockOf("dev", "", 1)); };
  EXPECT_TRUE(absl::IsUnavailable(store->Update(write)));
  for (const absl::Status& status : store->UpdateEach({write, write})) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  }
  EXPECT_TRUE(store->View([](ReadTxn& txn) { return txn.GetLock("shop", "dev").status(); }).ok());
  other.exec("COMMIT");
  EXPECT_TRUE(store->Update(write).ok());
}

TEST_F(SqliteFile, SaysDiskFullAndGoesOnWhenThereIsSpaceAgain) {
  SqliteOptions small;
  small.max_pages = 60;
  auto store = Open(small);
  ASSERT_TRUE(store->Update([](Txn& txn) { return txn.PutDeployment(Record("d-1")); }).ok());
  // Bytes that gzip cannot shrink.
  std::string noise;
  for (uint32_t x = 1; noise.size() < 300'000; x = x * 1664525 + 1013904223) {
    noise.push_back(static_cast<char>(x >> 24));
  }
  const absl::Status full =
      store->Update([&](Txn& txn) { return txn.AppendEvents({LogEvent("d-1", 1, noise)}); });
  EXPECT_TRUE(IsFailure(full, v1::DISK_FULL)) << full;
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  const auto outcomes = store->UpdateEach({
      [&](Txn& txn) { return txn.AppendEvents({LogEvent("d-1", 1, noise)}); },
      [](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", 2)}); },
  });
  EXPECT_TRUE(IsFailure(outcomes[0], v1::DISK_FULL)) << outcomes[0];
  // Either it was undone alone, or SQLite gave up the transaction; never half.
  const absl::Status seen = store->View([&](ReadTxn& txn) {
    EXPECT_EQ(txn.ReadEvents("d-1", 0, 9)->size(), outcomes[1].ok() ? 1u : 0u);
    return absl::OkStatus();
  });
  EXPECT_TRUE(seen.ok()) << seen;
  EXPECT_TRUE(store->Update([](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", 3)}); }).ok());
}

TEST_F(SqliteFile, UsesAnIndexForEveryList) {
  Open();
  SQLite::Database database(path_, SQLite::OPEN_READONLY);
  // The others name theirs, and fail without it.
  for (const char* sql :
       {"SELECT id FROM deployments WHERE finished = 0 ORDER BY id",
        "SELECT id FROM deployments WHERE id >= 'd' AND id < 'e' ORDER BY id LIMIT 9",
        "SELECT record FROM deployments WHERE project = 'p' AND environment = 'e' AND id < 'x'"
        " ORDER BY id DESC LIMIT 9",
        "SELECT event FROM events WHERE deployment_id = 'd' AND sequence > 3 ORDER BY sequence"}) {
    SQLite::Statement plan(database, std::string("EXPLAIN QUERY PLAN ") + sql);
    std::string text;
    while (plan.executeStep()) text += plan.getColumn(3).getString() + "\n";
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("TEMP B-TREE"))) << sql;
    EXPECT_THAT(text, testing::HasSubstr("USING")) << sql;
  }
}

TEST_F(SqliteFile, ServesTwoHandlesOnOneFile) {
  auto first = Open();
  auto second = Open();
  EXPECT_EQ(IdentityOf(*first).controller_id, IdentityOf(*second).controller_id);
  ASSERT_TRUE(first->Update([](Txn& txn) { return txn.PutDeployment(Record("d-1")); }).ok());
  const absl::Status status = second->Update([](Txn& txn) {
    EXPECT_TRUE(txn.GetDeployment("d-1").ok());
    return txn.AppendEvents({NoteEvent("d-1", 1)});
  });
  EXPECT_TRUE(status.ok()) << status;
  const absl::Status taken =
      first->Update([](Txn& txn) { return txn.AppendEvents({NoteEvent("d-1", 1)}); });
  EXPECT_TRUE(absl::IsAlreadyExists(taken)) << taken;
}

}  // namespace
}  // namespace davit::test
