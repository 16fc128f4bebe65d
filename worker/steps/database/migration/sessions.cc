#include "worker/steps/database/migration/sessions.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "worker/database/connection/direct_session.h"
#include "worker/database/connection/server_info.h"
#include "worker/steps/text/clean_text.h"

namespace davit::steps {
namespace {

using database::Connection;

constexpr absl::Duration kSessionsLook = absl::Milliseconds(50);

// A transaction that is still open is not idle either. Times are the server's, by how long ago
// something was: clocks differ. A container runs a little before the engine notes that it does.
// Whoever had its address in that time has ended: an address is given to one at a time.
constexpr absl::string_view kEndThem = R"sql(
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND (
  application_name = $1 AND state IS DISTINCT FROM 'idle' OR
  client_addr = ANY ($2::inet[]) AND backend_start BETWEEN
    clock_timestamp() - $3::interval - interval '500ms' AND
    clock_timestamp() - $4::interval))sql";

// Through a pooler sessions are older than their clients.
constexpr absl::string_view kDoubtful = R"sql(
SELECT pid, coalesce(host(client_addr), 'a socket of its own host'), application_name, usename
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user AND
  state IS DISTINCT FROM 'idle' AND
  xact_start BETWEEN clock_timestamp() - $1::interval - interval '500ms' AND
    clock_timestamp() - $2::interval + interval '1s' AND
  ($3 OR backend_start >= clock_timestamp() - $1::interval - interval '500ms')
ORDER BY pid)sql";

std::string Ago(absl::Time time) {
  return absl::StrCat(absl::ToInt64Microseconds(absl::Now() - time), " microseconds");
}

bool Ran(const MigrationClient& client) { return client.started <= client.ended; }

absl::StatusOr<std::vector<std::string>> OwnAddresses(Connection& connection,
                                                      const MigrationClient& client,
                                                      const Call& call) {
  if (!Ran(client) || client.addresses.empty()) return std::vector<std::string>();
  return database::UnmistakableAddresses(connection, client.addresses, call);
}

absl::StatusOr<database::QueryResult> End(Connection& connection, const MigrationClient& client,
                                          const std::vector<std::string>& own, const Call& call) {
  const bool ran = Ran(client);
  return connection.Query(kEndThem,
                          {client.name, absl::StrCat("{", absl::StrJoin(own, ","), "}"),
                           ran ? Ago(client.started) : "0", ran ? Ago(client.ended) : "0"},
                          call);
}

std::string SentenceOf(const database::QueryResult& found, size_t row) {
  return CleanText(absl::StrCat(
      "Session ", found.Text(row, 0), " (", found.Text(row, 2), ") of ", found.Text(row, 3),
      ", from ", found.Text(row, 1),
      ", began while the migration ran and is still at a transaction: it may be the migration's, "
      "and change more; the next migration waits for it; SELECT pg_terminate_backend(",
      found.Text(row, 0), ") ends it"));
}

// By one address at least: of several networks a container goes by the one that the server is in.
absl::StatusOr<bool> AreKnownApart(Connection& connection, const MigrationClient& client,
                                   const Call& call) {
  const auto own = OwnAddresses(connection, client, call);
  if (!own.ok()) return own.status();
  return !own->empty();
}

}  // namespace

absl::Status EndSessions(Connection& connection, const MigrationClient& client, const Call& call) {
  const auto own = OwnAddresses(connection, client, call);
  if (!own.ok()) return own.status();
  for (;;) {
    const auto left = End(connection, client, *own, call);
    if (!left.ok()) return left.status();
    if (left->rows.empty()) return absl::OkStatus();
    if (absl::Status status = call.Wait(kSessionsLook); !status.ok()) return status;
  }
}

absl::StatusOr<std::vector<std::string>> DoubtfulSessions(Connection& connection,
                                                          const MigrationClient& client,
                                                          const Call& call) {
  if (!Ran(client)) return std::vector<std::string>();
  const auto apart = AreKnownApart(connection, client, call);
  if (!apart.ok()) return apart.status();
  if (*apart) return std::vector<std::string>();
  const auto info = ReadServerInfo(connection, call);
  if (!info.ok()) return info.status();
  std::vector<std::string> sentences;
  do {
    const auto found = connection.Query(
        kDoubtful, {Ago(client.started), Ago(client.ended), info->pooler ? "true" : "false"}, call);
    if (absl::IsDeadlineExceeded(found.status())) break;
    if (!found.ok()) return found.status();
    sentences.clear();
    for (size_t row = 0; row < found->rows.size(); ++row) {
      sentences.push_back(SentenceOf(*found, row));
    }
  } while (!sentences.empty() && call.Wait(kSessionsLook).ok());
  return sentences;
}

}  // namespace davit::steps
