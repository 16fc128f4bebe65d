#include "worker/database/backup/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "absl/cleanup/cleanup.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "worker/database/backup/archive_failure.h"
#include "worker/database/backup/backup_directory.h"
#include "worker/database/backup/unusable_backups.h"
#include "worker/database/testing/fake_tools.h"

namespace davit::database {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BackupTest : public ::testing::Test {
 protected:
  std::string directory() const { return temp_.File("backups"); }

  BackupRequest Request(const std::string& database = "shop") const {
    return {.directory = directory(),
            .environment = {{"PGDATABASE", database}},
            .server = "db:5432",
            .server_version = "15.18",
            .deployment = "d-1"};
  }
  absl::StatusOr<BackupRecord> Make(const std::string& database = "shop") {
    clock_.Advance(absl::Minutes(1));
    return MakeBackup({}, tools_, clock_, Request(database), nullptr);
  }
  // Without the lock.
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      names.insert(entry.path().filename());
    }
    names.erase(".lock");
    return names;
  }
  std::vector<std::string> Listed() const {
    std::vector<std::string> files;
    const auto listed = BackupDirectory(directory()).List();
    EXPECT_TRUE(listed.ok()) << listed.status();
    for (const ListedBackup& backup : *listed) files.push_back(backup.record.file);
    return files;
  }

  test::TempDir temp_;
  test::FakeClock clock_;
  FakeTools tools_;
};

TEST_F(BackupTest, HasItsNameAndItsRecordForTheWorkersUserAlone) {
  const auto record = Make();
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->file, "shop_20231114T221420.000Z.dump");
  EXPECT_THAT(Names(),
              ElementsAre("shop_20231114T221420.000Z.dump", "shop_20231114T221420.000Z.json"));
  struct stat status {};
  ASSERT_EQ(stat(directory().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700);
  for (const std::string& name : Names()) {
    ASSERT_EQ(stat((directory() + "/" + name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600) << name;
  }
}

TEST_F(BackupTest, RecordsWhatItIs) {
  const auto record = Make();
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->size_bytes, 19);
  // printf 'all of the database' | sha256sum
  EXPECT_EQ(record->sha256, "f64d981ce0f5dbabe99ec88c973675f28ec7df63615bd59ac1d6f4f04b761b1d");
  const auto listed = BackupDirectory(directory()).List();
  ASSERT_TRUE(listed.ok() && listed->size() == 1) << listed.status();
  EXPECT_EQ(listed->front().record, *record);
  EXPECT_TRUE(listed->front().whole);
}

TEST_F(BackupTest, LeavesNothingWhenItCannotBeRead) {
  tools_.OnRestore([](const ToolRun&) {
    return ChildEnd{.exit_code = 1, .error_tail = "could not read from input file: end of file"};
  });
  const auto failure = ArchiveFailureOf(Make().status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kArchiveDamaged);
  EXPECT_THAT(failure->evidence, HasSubstr("end of file"));
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupTest, LeavesNothingWhenTheDumpFails) {
  tools_.OnDump([](const ToolRun& run) {
    EXPECT_EQ(write(run.output, "half", 4), 4);
    return ChildEnd{.signal = 9};
  });
  const auto failure = ArchiveFailureOf(Make().status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kToolKilled);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(BackupTest, RemovesWhatAKilledOneLeftButNotWhatIsBeingMade) {
  ASSERT_TRUE(Make().ok());
  temp_.Write("backups/.shop_1.dump.partial", "of a worker that was killed");
  const auto others = BackupDirectory(directory()).Begin("shop_2", absl::InfiniteFuture());
  ASSERT_TRUE(others.ok()) << others.status();
  ASSERT_TRUE(Make().ok());
  const std::set<std::string> names = Names();
  EXPECT_FALSE(names.contains(".shop_1.dump.partial"));
  EXPECT_TRUE(names.contains(".shop_2.dump.partial"));
}

TEST_F(BackupTest, SaysThatItsDirectoryCannotBeWritten) {
  std::filesystem::create_directory(directory());
  chmod(directory().c_str(), 0555);
  chmod(temp_.path().c_str(), 0755);
  // Root may write everywhere.
  const uid_t before = geteuid();
  if (before == 0) ASSERT_EQ(seteuid(65534), 0);
  const auto back = absl::MakeCleanup([before] { EXPECT_EQ(seteuid(before), 0); });
  const auto failure = ArchiveFailureOf(Make().status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kDirectory);
  EXPECT_THAT(failure->sentence, HasSubstr(directory()));
  EXPECT_EQ(failure->evidence, "Permission denied");
}

TEST_F(BackupTest, RefusesADirectoryThatEverybodyMayWriteIn) {
  std::filesystem::create_directory(directory());
  chmod(directory().c_str(), 0777);
  const auto failure = ArchiveFailureOf(Make().status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kDirectory);
  EXPECT_EQ(failure->evidence, "its mode is 0777");
  EXPECT_THAT(failure->advice, HasSubstr("chmod 0700 " + directory()));
  chmod(directory().c_str(), 0755);
  EXPECT_TRUE(Make().ok()) << "the backups themselves are closed";
}

TEST_F(BackupTest, SaysThatItsDirectoryIsAFile) {
  temp_.Write("backups", "");
  const auto failure = ArchiveFailureOf(Make().status());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kDirectory);
  EXPECT_EQ(failure->evidence, "Not a directory");
}

TEST_F(BackupTest, IsFoundDamagedWhenAByteIsAnother) {
  const auto record = Make();
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_TRUE(VerifyBackup({}, tools_, directory(), *record, nullptr).ok());
  temp_.Write("backups/" + record->file, "all of the d4tabase");
  const auto failure = ArchiveFailureOf(VerifyBackup({}, tools_, directory(), *record, nullptr));
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, ArchiveReason::kArchiveDamaged);
  EXPECT_THAT(failure->evidence, HasSubstr("SHA-256"));
}

TEST_F(BackupTest, IsFoundMissing) {
  const auto record = Make();
  ASSERT_TRUE(record.ok()) << record.status();
  std::filesystem::remove(directory() + "/" + record->file);
  EXPECT_EQ(ArchiveFailureOf(VerifyBackup({}, tools_, directory(), *record, nullptr))->reason,
            ArchiveReason::kArchiveMissing);
}

TEST_F(BackupTest, RetentionKeepsTheNewestOfEachDatabaseAndWhatItDoesNotKnow) {
  std::vector<BackupRecord> made;
  for (int i = 0; i < 4; ++i) made.push_back(*Make());
  const BackupRecord other = *Make("other");
  temp_.Write("backups/notes.json", "{\"mine\": true}");
  temp_.Write("backups/by-hand.dump", "");
  const auto gone = BackupDirectory(directory()).Prune(made[3], 2, {});
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_THAT(gone->gone, ElementsAre(made[1].file, made[0].file));
  EXPECT_THAT(Listed(), ElementsAre(other.file, made[3].file, made[2].file));
  EXPECT_TRUE(Names().contains("notes.json"));
  EXPECT_TRUE(Names().contains("by-hand.dump"));
}

TEST_F(BackupTest, RetentionSparesWhatAWayBackNeedsAndDoesNotCountIt) {
  std::vector<BackupRecord> made;
  for (int i = 0; i < 5; ++i) made.push_back(*Make());
  const BackupDirectory backups(directory());
  const auto gone =
      backups.Prune(made[4], 2, {backups.File(made[0].file), backups.File(made[2].file)});
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_THAT(gone->gone, ElementsAre(made[1].file));
  EXPECT_THAT(Listed(), ElementsAre(made[4].file, made[3].file, made[2].file, made[0].file));
}

TEST_F(BackupTest, RetentionSparesNothingForAPathThatIsElsewhere) {
  std::vector<BackupRecord> made;
  for (int i = 0; i < 2; ++i) made.push_back(*Make());
  const std::string& file = made[0].file;
  ASSERT_TRUE(BackupDirectory(directory())
                  .Prune(made[1], 1, {file, "/elsewhere/" + file, directory() + "/x/../" + file})
                  .ok());
  EXPECT_THAT(Listed(), ElementsAre(made[1].file));
}

TEST_F(BackupTest, RetentionLeavesWhatIsDatedInTheFutureAndDoesNotCountIt) {
  clock_.Advance(absl::Hours(24 * 365));
  const BackupRecord ahead = *Make();
  clock_.Advance(-absl::Hours(24 * 365));
  std::vector<BackupRecord> made;
  for (int i = 0; i < 3; ++i) made.push_back(*Make());
  const auto pruned = BackupDirectory(directory()).Prune(made[2], 2, {});
  ASSERT_TRUE(pruned.ok()) << pruned.status();
  EXPECT_THAT(pruned->gone, ElementsAre(made[0].file));
  EXPECT_THAT(pruned->ahead, ElementsAre(ahead.file));
  EXPECT_THAT(Listed(), ElementsAre(ahead.file, made[2].file, made[1].file));
}

TEST_F(BackupTest, RetentionNeverTakesTheOneJustMadeNorANewerOneWhateverTheClockSaid) {
  const BackupRecord newer = *Make();
  clock_.Advance(-absl::Hours(24));
  const BackupRecord just_made = *Make();
  ASSERT_TRUE(BackupDirectory(directory()).Prune(just_made, 1, {}).ok());
  EXPECT_THAT(Listed(), ElementsAre(newer.file, just_made.file));
}

TEST_F(BackupTest, RetentionDoesNotCountWhatIsCutOff) {
  std::vector<BackupRecord> made;
  for (int i = 0; i < 3; ++i) made.push_back(*Make());
  temp_.Write("backups/" + made[1].file, "short");
  ASSERT_TRUE(BackupDirectory(directory()).Prune(made[2], 2, {}).ok());
  EXPECT_THAT(Listed(), ElementsAre(made[2].file, made[1].file, made[0].file));
}

TEST_F(BackupTest, IsNamedWithTheReasonWhereItCannotBeUsed) {
  std::vector<BackupRecord> made;
  for (int i = 0; i < 4; ++i) made.push_back(*Make());
  temp_.Write("backups/" + made[0].file, "short");
  temp_.Write("backups/" + made[1].file, "all of the database, and more");
  std::filesystem::remove(directory() + "/" + made[2].file);
  std::filesystem::rename(directory() + "/" + made[3].file, directory() + "/x.dump");
  std::filesystem::rename(directory() + "/" + BackupRecordFile(made[3].file),
                          directory() + "/x.json");
  temp_.Write("backups/y.dump", "of nobody");
  temp_.Write("backups/.z.dump.partial", "being made");
  const auto unusable = FindUnusableBackups(directory());
  ASSERT_TRUE(unusable.ok()) << unusable.status();
  std::vector<std::string> lines;
  for (const UnusableFile& file : *unusable) {
    lines.push_back(file.file + ": " + file.reason);
    EXPECT_EQ(file.record.has_value(), file.file != "x.dump" && file.file != "y.dump");
  }
  EXPECT_THAT(
      lines,
      ElementsAre(made[0].file + ": it has 5 bytes instead of 19: it was cut off",
                  made[1].file + ": it has 29 bytes instead of 19",
                  made[2].file + ": its file is gone, only its record is there",
                  "x.dump: its record x.json, which has its checksum, is not its own, or cannot be "
                  "read",
                  "y.dump: its record y.json, which has its checksum, is missing beside it"));
}

TEST_F(BackupTest, IsNotSoughtInADirectoryThatIsNotThere) {
  const auto unusable = FindUnusableBackups(temp_.File("nowhere"));
  ASSERT_TRUE(unusable.ok()) << unusable.status();
  EXPECT_THAT(*unusable, IsEmpty());
}

TEST(BackupRecord, OfAnotherKindIsNotOurs) {
  EXPECT_FALSE(ParseBackupRecord("").has_value());
  EXPECT_FALSE(ParseBackupRecord("[]").has_value());
  EXPECT_FALSE(ParseBackupRecord("{\"davit_backup\": 1}").has_value());
  BackupRecord escaping{.file = "../x.dump"};
  EXPECT_FALSE(ParseBackupRecord(BackupRecordJson(escaping)).has_value());
}

TEST(BackupRecord, NamesNoFileOutsideItsDirectory) {
  EXPECT_EQ(BackupStem("../a b", absl::FromUnixMillis(1)), "___a_b_19700101T000000.001Z");
}

}  // namespace
}  // namespace davit::database
