#include "client/output/backup_text.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/deployment_model.h"
#include "client/output/next_command.h"
#include "client/output/table.h"
#include "client/output/text.h"
#include "client/output/wrap.h"

namespace davit::output {
namespace {

// The host's clock may be a little ahead of this one.
constexpr absl::Duration kClockTolerance = absl::Minutes(5);

std::string OrUnknown(const std::string& text) { return text.empty() ? "-" : text; }

std::string TookText(const v1::Backup& backup) {
  return FormatElapsed(absl::Seconds(backup.duration().seconds()) +
                       absl::Nanoseconds(backup.duration().nanos()));
}

std::string BegunText(const v1::Backup& backup, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(backup.start_time()), zone);
}

// "db1 in /var/lib/davit/backups".
std::string PlaceText(const v1::Backup& backup) {
  return absl::StrCat(backup.host(), " in ", backup.path().substr(0, backup.path().rfind('/')));
}

std::string PlacesLine(const v1::ListBackupsResponse& backups) {
  std::set<std::string> places;
  for (const v1::Backup& backup : backups.backups()) places.insert(PlaceText(backup));
  return absl::StrCat("on ", absl::StrJoin(places, ", "));
}

// "cannot be restored: shop-1.dump on db1 in /var/lib/davit/backups: it was cut off"
std::string UnusableLines(const v1::ListBackupsResponse& backups, int width) {
  std::string lines;
  for (const v1::UnusableBackup& unusable : backups.unusable()) {
    absl::StrAppend(&lines,
                    HangText("cannot be restored: ",
                             absl::StrCat(BackupFile(unusable.backup()), " on ",
                                          PlaceText(unusable.backup()), ": ", unusable.reason()),
                             width));
  }
  return lines;
}

// Since it was begun. A clock that was wrong says nothing of when that was.
std::string AgeText(const v1::Backup& backup, absl::Time now) {
  if (ToTime(backup.start_time()) > now + kClockTolerance) return "in the future";
  return FormatElapsed(now - ToTime(backup.start_time()));
}

std::string FutureLine(const v1::ListBackupsResponse& backups, absl::Time now, int width) {
  for (const v1::Backup& backup : backups.backups()) {
    if (ToTime(backup.start_time()) <= now + kClockTolerance) continue;
    return HangText("",
                    "one that was begun in the future was made while a clock was wrong: it may be "
                    "older than others, and is not counted among those that are kept",
                    width);
  }
  return "";
}

bool HasUnknown(const v1::ListBackupsResponse& backups) {
  for (const v1::Backup& backup : backups.backups()) {
    if (backup.database().empty()) return true;
  }
  return false;
}

}  // namespace

std::string BackupFile(const v1::Backup& backup) {
  return backup.path().substr(backup.path().rfind('/') + 1);
}

std::string BackupListText(const v1::ListBackupsResponse& backups, absl::string_view options,
                           absl::Time now, absl::TimeZone zone, int width) {
  if (backups.backups().empty()) {
    return absl::StrCat(
        HangText("", CompleteCommands("no backups; make one with `davit backup`", options), width),
        UnusableLines(backups, width));
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::Backup& backup : backups.backups()) {
    rows.push_back({OrUnknown(backup.database()), BackupFile(backup), BegunText(backup, zone),
                    AgeText(backup, now), FormatBytes(backup.size_bytes()), TookText(backup),
                    backup.database_name(), OrUnknown(backup.server_version()),
                    OrUnknown(backup.deployment_id())});
  }
  std::string text = RenderTable({{"DATABASE"},
                                  {"FILE"},
                                  {"BEGUN", 1},
                                  {"AGE", 2},
                                  {"SIZE", 3},
                                  {"TOOK", 6},
                                  {"ON ITS SERVER", 5},
                                  {"SERVER", 7},
                                  {"DEPLOYMENT", 4}},
                                 rows, width);
  absl::StrAppend(&text, HangText("", PlacesLine(backups), width));
  if (HasUnknown(backups)) {
    absl::StrAppend(&text, HangText("",
                                    "one without a name was made by a deployment that this "
                                    "controller has no record of",
                                    width));
  }
  absl::StrAppend(&text, FutureLine(backups, now, width), UnusableLines(backups, width));
  return text;
}

std::string RestoreText(const v1::Backup& backup, const std::string& database, absl::Time now,
                        absl::TimeZone zone, int width) {
  std::vector<std::string> lines = {
      absl::StrCat("backup ", BackupFile(backup), " of database ", database, ": ",
                   FormatBytes(backup.size_bytes()), ", on ", PlaceText(backup)),
      absl::StrCat("everything that was written to ", database, " since ", BegunText(backup, zone),
                   " (", FormatElapsed(now - ToTime(backup.start_time())),
                   " ago) will be lost: it is only in the database of now, which is kept under "
                   "another name")};
  if (backup.database().empty()) {
    lines.push_back(absl::StrCat("no record says that it is of ", database,
                                 ": on its server, its database was called ",
                                 backup.database_name()));
  }
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, HangText("", line, width));
  return text;
}

}  // namespace davit::output
