#include "worker/database/restore_target.h"

#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "worker/database/archive_failure.h"

namespace davit::database {
namespace {

constexpr size_t kLongestIdentifier = 63;  // bytes: NAMEDATALEN - 1
constexpr size_t kHashDigits = 14;

// What is absent in an older catalogue becomes NULL through JSON.
constexpr char kTargetSql[] = R"(
  SELECT d.oid, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate,
         d.datctype, to_jsonb(d)->>'datlocprovider',
         coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale'),
         to_jsonb(d)->>'daticurules',
         CASE WHEN d.dattablespace <> e.dattablespace THEN t.spcname END,
         current_user, d.datallowconn, r.rolsuper, r.rolsuper OR r.rolcreatedb,
         r.rolsuper OR pg_has_role(current_user, d.datdba, 'MEMBER')
  FROM pg_database d
  JOIN pg_tablespace t ON t.oid = d.dattablespace
  JOIN pg_database e ON e.datname = 'template0'
  JOIN pg_roles r ON r.rolname = current_user
  WHERE d.datname = $1)";

// Columns of it.
enum TargetColumn { kRole = 9, kAllowsConnections, kSuper, kMayCreate, kOwns };

// FNV-1a: the same in every process, unlike absl::Hash.
uint32_t NameHash(absl::string_view name) {
  uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

// `name`, or where that is longer than `size`: as much of it as fits with a hash of all.
std::string ShortName(const std::string& name, size_t size) {
  if (name.size() <= size) return name;
  const std::string end = absl::StrCat("_", absl::Hex(NameHash(name), absl::kZeroPad8));
  size -= end.size();
  while (size > 0 && (name[size] & 0xC0) == 0x80) --size;  // not in the middle of a character
  return name.substr(0, size) + end;
}

// The same, 56 bits of it.
std::string KeyHash(absl::string_view key) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16)).substr(16 - kHashDigits);
}

std::string NameWith(const std::string& database, absl::string_view word, absl::string_view last) {
  const std::string end = absl::StrCat("_", word, "_", last);
  return ShortName(database, kLongestIdentifier - end.size()) + end;
}

absl::Status NoRight(const std::string& role, const std::string& database,
                     const std::string& lacks) {
  return ArchiveFailureStatus({ArchiveReason::kRights,
                               absl::StrCat("the role ", role, " may not restore ", database),
                               lacks, "give an admin_url whose role may"});
}

absl::Status CheckRights(const QueryResult& found, const std::string& database) {
  const auto is = [&found](size_t column) { return found.Text(0, column) == "t"; };
  const std::string role = found.Text(0, kRole);
  if (!is(kMayCreate)) return NoRight(role, database, "it has no CREATEDB");
  if (!is(kOwns)) {
    return NoRight(role, database,
                   absl::StrCat("it is not a member of the owner, ", found.Text(0, 1)));
  }
  if (is(kAllowsConnections)) return absl::OkStatus();
  return ArchiveFailureStatus(
      {ArchiveReason::kServer, absl::StrCat("the database ", database, " refuses connections"),
       "ALLOW_CONNECTIONS is false", "allow them, if nobody else is at work on it"});
}

}  // namespace

std::string QuotedIdentifier(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string QuotedLiteral(absl::string_view text) {
  std::string quoted = absl::StrContains(text, '\\') ? "E'" : "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::string RestoringName(const std::string& database, absl::string_view key) {
  return NameWith(database, "restoring", KeyHash(key));
}

std::string RestoringPrefix(const std::string& database) {
  const std::string name = RestoringName(database, "");
  return name.substr(0, name.size() - kHashDigits);
}

std::string BeforeName(const std::string& database, absl::Time now) {
  // Two restores may begin in one second.
  const std::string second = absl::FormatTime("%Y%m%d%H%M%S", now, absl::UTCTimeZone());
  const int64_t milliseconds = absl::ToUnixMillis(now) % 1000;
  return NameWith(database, "before",
                  absl::StrCat(second, absl::Dec(milliseconds, absl::kZeroPad3)));
}

absl::Status ServerFailure(const std::string& what, const absl::Status& said) {
  // Where in our own statement it happened helps nobody.
  const std::pair<std::string, std::string> words =
      absl::StrSplit(said.message(), absl::MaxSplits("\nCONTEXT:", 1));
  ArchiveFailure failure{ArchiveReason::kServer, what, words.first, ""};
  // libpqxx 6 drops the SQLSTATE of those that it has a class for.
  if (SqlState(said) == "42501" || absl::StrContains(said.message(), "permission denied") ||
      absl::StrContains(said.message(), "must be ")) {
    failure.reason = ArchiveReason::kRights;
  }
  if (SqlState(said) == "55006" || SqlState(said) == "55P03") {
    failure.reason = ArchiveReason::kSessions;
  }
  if (absl::IsCancelled(said)) failure.reason = ArchiveReason::kCancelled;
  if (absl::IsDeadlineExceeded(said)) failure.reason = ArchiveReason::kTimedOut;
  if (absl::StrContains(said.message(), "No space left on device")) {
    failure.reason = ArchiveReason::kDiskFull;
    failure.advice = "make room on the database server";
  }
  return ArchiveFailureStatus(failure);
}

absl::StatusOr<RestoreTarget> FindRestoreTarget(Connection& connection, const std::string& database,
                                                const Call& call) {
  const auto found = connection.Query(kTargetSql, {database}, call);
  if (!found.ok()) return ServerFailure("the database cannot be looked up", found.status());
  if (found->rows.empty()) {
    return ArchiveFailureStatus({ArchiveReason::kDatabaseMissing,
                                 absl::StrCat("the server has no database ", database), "",
                                 "create it, empty, with its owner: then it can be restored"});
  }
  if (absl::Status may = CheckRights(*found, database); !may.ok()) return may;
  const auto text = [&found](size_t column) { return found->Text(0, column); };
  return RestoreTarget{database, text(0), text(1), text(2), text(3),
                       text(4),  text(5), text(6), text(7), text(8)};
}

std::string CreateLike(const RestoreTarget& target, const std::string& fresh) {
  std::string sql = absl::StrCat(
      "CREATE DATABASE ", QuotedIdentifier(fresh), " OWNER ", QuotedIdentifier(target.owner),
      " TEMPLATE template0 ENCODING ", QuotedLiteral(target.encoding), " LC_COLLATE ",
      QuotedLiteral(target.collate), " LC_CTYPE ", QuotedLiteral(target.ctype));
  // Also the default one must be allowed to be named.
  if (!target.tablespace.empty()) {
    absl::StrAppend(&sql, " TABLESPACE ", QuotedIdentifier(target.tablespace));
  }
  if (target.provider == "i") {
    absl::StrAppend(&sql, " LOCALE_PROVIDER icu ICU_LOCALE ", QuotedLiteral(target.locale));
  }
  if (target.provider == "b") {
    absl::StrAppend(&sql, " LOCALE_PROVIDER builtin BUILTIN_LOCALE ", QuotedLiteral(target.locale));
  }
  if (target.provider == "c") absl::StrAppend(&sql, " LOCALE_PROVIDER libc");
  if (!target.icu_rules.empty()) {
    absl::StrAppend(&sql, " ICU_RULES ", QuotedLiteral(target.icu_rules));
  }
  return sql;
}

}  // namespace davit::database
