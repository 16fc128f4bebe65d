#include "worker/database/connection/server_info.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

// The process that answers, and is known to the session by another number where a
// pooler made that up.
constexpr absl::string_view kServerQuestion =
    "SELECT pg_backend_pid(), current_setting('server_version_num'),"
    " current_setting('server_version'), current_setting('transaction_read_only'),"
    " current_setting('is_superuser'), pg_database_size(current_database())";

}  // namespace

absl::StatusOr<ServerInfo> ReadServerInfo(Connection& connection, const Call& call) {
  const absl::StatusOr<QueryResult> answer = connection.Query(kServerQuestion, call);
  if (!answer.ok()) return answer.status();
  ServerInfo info;
  info.pooler = answer->Text(0, 0) != absl::StrCat(connection.backend_pid());
  if (!absl::SimpleAtoi(answer->Text(0, 1), &info.version)) {
    return absl::InternalError("the server says no version");
  }
  info.major_version = info.version / 10000;
  info.version_text = answer->Text(0, 2);
  info.read_only = answer->Text(0, 3) == "on";
  info.superuser = answer->Text(0, 4) == "on";
  const bool counted = absl::SimpleAtoi(answer->Text(0, 5), &info.database_bytes);
  if (!counted) info.database_bytes = 0;
  return info;
}

}  // namespace davit::database
