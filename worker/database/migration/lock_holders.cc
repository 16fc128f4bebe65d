#include "worker/database/migration/lock_holders.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "worker/database/migration/query_text.h"

namespace davit::database {
namespace {

// What a waiting session waits for, and which of its blockers' locks stand in the way: on
// the same relation, or whatever they have where it is a transaction that is waited for.
constexpr absl::string_view kBlocked =
    "SELECT a.pid, a.usename, a.application_name, host(a.client_addr), a.state, "
    "n.nspname || '.' || c.relname, l.mode, "
    "coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0), "
    "CASE WHEN a.query = '<insufficient privilege>' THEN '' ELSE a.query END, "
    "w.pid, w.application_name, "
    "coalesce(extract(epoch FROM clock_timestamp() - w.query_start), 0), w.query "
    "FROM pg_stat_activity w "
    "JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b(pid) ON true "
    "JOIN pg_stat_activity a ON a.pid = b.pid "
    "LEFT JOIN LATERAL (SELECT h.relation, h.mode FROM pg_locks h JOIN pg_locks m "
    "  ON m.pid = w.pid AND NOT m.granted AND m.locktype = 'relation' "
    "  AND m.database = h.database AND m.relation = h.relation "
    "  WHERE h.pid = b.pid AND h.locktype = 'relation' AND h.granted "
    "  ORDER BY h.mode LIMIT 1) l ON true "
    "LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE w.datname = current_database() AND w.wait_event_type = 'Lock' "
    "ORDER BY w.query_start, w.pid, a.xact_start";

int WholeOf(const std::string& text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

absl::Duration SecondsOf(const std::string& text) {
  double seconds = 0;
  return absl::SimpleAtod(text, &seconds) ? absl::Seconds(seconds) : absl::ZeroDuration();
}

LockHolder HolderOf(const QueryResult& rows, size_t row) {
  LockHolder holder;
  holder.pid = WholeOf(rows.Text(row, 0));
  holder.user = rows.Text(row, 1);
  holder.application = rows.Text(row, 2);
  holder.client = rows.Text(row, 3);
  holder.state = rows.Text(row, 4);
  holder.relation = rows.Text(row, 5);
  holder.mode = rows.Text(row, 6);
  holder.in_transaction = SecondsOf(rows.Text(row, 7));
  holder.query = ShownQuery(rows.Text(row, 8));
  return holder;
}

std::string WhoOf(const LockHolder& holder) {
  return absl::StrCat("Session ", holder.pid, " of ", holder.user,
                      holder.application.empty() ? "" : absl::StrCat(" (", holder.application, ")"),
                      holder.client.empty() ? "" : absl::StrCat(" from ", holder.client));
}

}  // namespace

std::string LockHolder::Sentence() const {
  const std::string lock = relation.empty() ? "a lock" : absl::StrCat(mode, " on ", relation);
  if (state.empty()) {
    return absl::StrCat(WhoOf(*this), " holds ", lock, "; what it does is not shown to this user");
  }
  return absl::StrCat(WhoOf(*this), " holds ", lock, ", in a transaction of ",
                      absl::FormatDuration(absl::Trunc(in_transaction, absl::Seconds(1))), ", ",
                      state, state == "active" ? "; its query: " : "; its last query: ", query);
}

absl::StatusOr<std::vector<BlockedSession>> ReadBlockedSessions(Connection& connection,
                                                                const Call& call) {
  const auto rows = connection.Query(kBlocked, call);
  if (!rows.ok()) return rows.status();
  std::vector<BlockedSession> sessions;
  std::map<int, size_t> places;
  for (size_t row = 0; row < rows->rows.size(); ++row) {
    const int pid = WholeOf(rows->Text(row, 9));
    const auto [place, is_new] = places.emplace(pid, sessions.size());
    if (is_new) {
      sessions.push_back({pid,
                          rows->Text(row, 10),
                          SecondsOf(rows->Text(row, 11)),
                          ShownQuery(rows->Text(row, 12)),
                          {}});
    }
    sessions[place->second].holders.push_back(HolderOf(*rows, row));
  }
  return sessions;
}

}  // namespace davit::database
