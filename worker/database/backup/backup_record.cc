#include "worker/database/backup/backup_record.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace davit::database {
namespace {

constexpr int kRecordFormat = 1;
constexpr size_t kLongestNamePart = 80;

bool IsPlainName(absl::string_view file) {
  return absl::EndsWith(file, ".dump") && !absl::StartsWith(file, ".") &&
         file.find('/') == absl::string_view::npos;
}

BackupRecord RecordFrom(const nlohmann::json& json) {
  BackupRecord record{json.at("file"),           json.at("database"),     json.at("server"),
                      json.at("server_version"), json.at("tool_version"), json.at("size_bytes"),
                      json.at("sha256")};
  record.started = absl::FromUnixMillis(json.at("started_unix_ms").get<int64_t>());
  record.duration = absl::Milliseconds(json.at("duration_ms").get<int64_t>());
  record.deployment = json.at("deployment");
  record.project = json.value("project", "");
  record.environment = json.value("environment", "");
  return record;
}

}  // namespace

std::string BackupRecordJson(const BackupRecord& record) {
  const nlohmann::ordered_json json = {
      {"davit_backup", kRecordFormat},
      {"file", record.file},
      {"database", record.database},
      {"server", record.server},
      {"server_version", record.server_version},
      {"tool_version", record.tool_version},
      {"size_bytes", record.size_bytes},
      {"sha256", record.sha256},
      {"started", absl::FormatTime(absl::RFC3339_sec, record.started, absl::UTCTimeZone())},
      {"started_unix_ms", absl::ToUnixMillis(record.started)},
      {"duration_ms", absl::ToInt64Milliseconds(record.duration)},
      {"deployment", record.deployment},
      {"project", record.project},
      {"environment", record.environment},
  };
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<BackupRecord> ParseBackupRecord(absl::string_view json) {
  const auto parsed =
      nlohmann::json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object() || !parsed.contains("davit_backup")) return std::nullopt;
  try {
    if (parsed["davit_backup"] != kRecordFormat) return std::nullopt;
    BackupRecord record = RecordFrom(parsed);
    if (!IsPlainName(record.file)) return std::nullopt;
    return record;
  } catch (const nlohmann::json::exception&) {  // a field is absent or of another type
    return std::nullopt;
  }
}

std::string BackupStem(absl::string_view database, absl::Time started) {
  std::string name(database.substr(0, kLongestNamePart));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_') c = '_';
  }
  return absl::StrCat(name, "_",
                      absl::FormatTime("%Y%m%dT%H%M%E3SZ", started, absl::UTCTimeZone()));
}

std::string BackupRecordFile(absl::string_view file) {
  return absl::StrCat(absl::StripSuffix(file, ".dump"), ".json");
}

}  // namespace davit::database
