#include "worker/database/migration/ledger.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "worker/database/connection/sql_quote.h"
#include "worker/database/connection/transaction.h"
#include "worker/database/migration/ledger_table.h"

namespace davit::database {
namespace {

// One number for all that write the ledger of a database: "davit" in ASCII. It is taken by
// a statement of its own, and what follows sees what others committed before.
constexpr absl::string_view kBeginLedger =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '10s'; "
    "SET LOCAL statement_timeout = '30s'; SELECT pg_advisory_xact_lock(430158670196)";

constexpr absl::string_view kEntryColumns =
    "SELECT deployment, step, host, container, state, version, extract(epoch FROM begun_at), "
    "extract(epoch FROM clock_timestamp() - begun_at) FROM davit.davit_migrations ";

constexpr absl::string_view kStateWords[] = {"running", "finished", "failed", "superseded"};

absl::string_view WordOf(LedgerState state) { return kStateWords[static_cast<int>(state)]; }

LedgerState StateOf(absl::string_view word) {
  for (const LedgerState state :
       {LedgerState::kRunning, LedgerState::kFinished, LedgerState::kFailed}) {
    if (WordOf(state) == word) return state;
  }
  return LedgerState::kSuperseded;
}

double NumberOf(const std::string& text) {
  double number = 0;
  return absl::SimpleAtod(text, &number) ? number : 0;
}

LedgerEntry EntryOf(const QueryResult& rows) {
  LedgerEntry entry;
  entry.claim = {rows.Text(0, 0), rows.Text(0, 1), rows.Text(0, 2), rows.Text(0, 3)};
  entry.state = StateOf(rows.Text(0, 4));
  if (!absl::SimpleAtoi(rows.Text(0, 5), &entry.version)) entry.version = 0;
  entry.begun_at = absl::UnixEpoch() + absl::Seconds(NumberOf(rows.Text(0, 6)));
  entry.age = absl::Seconds(NumberOf(rows.Text(0, 7)));
  return entry;
}

absl::StatusOr<std::optional<LedgerEntry>> FindEntry(Connection& connection,
                                                     absl::string_view where,
                                                     const std::vector<std::string>& parameters,
                                                     const Call& call) {
  const auto rows = connection.Query(absl::StrCat(kEntryColumns, where), parameters, call);
  if (!rows.ok()) return rows.status();
  if (rows->rows.empty()) return std::optional<LedgerEntry>();
  return std::optional<LedgerEntry>(EntryOf(*rows));
}

absl::StatusOr<std::optional<LedgerEntry>> FindRunning(Connection& connection, const Call& call) {
  return FindEntry(connection, "WHERE state = 'running'", {}, call);
}

absl::StatusOr<std::optional<LedgerEntry>> FindOwn(Connection& connection, const LedgerClaim& claim,
                                                   const Call& call) {
  return FindEntry(connection, "WHERE deployment = $1 AND step = $2",
                   {claim.deployment, claim.step}, call);
}

absl::Status Insert(Connection& connection, const LedgerClaim& claim, const Call& call) {
  return connection
      .Query(
          "INSERT INTO davit.davit_migrations (deployment, step, host, container, state) "
          "VALUES ($1, $2, $3, $4, 'running')",
          {claim.deployment, claim.step, claim.host, claim.container}, call)
      .status();
}

absl::Status Claim(Connection& connection, const LedgerClaim& claim, const Call& call,
                   BeginResult& result) {
  if (absl::Status status = EnsureLedgerTable(connection, call); !status.ok()) return status;
  auto found = FindOwn(connection, claim, call);
  result.outcome = BeginOutcome::kAlreadyMine;
  if (found.ok() && !found->has_value()) {
    found = FindRunning(connection, call);
    result.outcome = BeginOutcome::kHeldBy;
  }
  if (found.ok() && !found->has_value()) {
    if (absl::Status status = Insert(connection, claim, call); !status.ok()) return status;
    found = FindOwn(connection, claim, call);
    result.outcome = BeginOutcome::kTaken;
  }
  if (!found.ok()) return found.status();
  if (!found->has_value()) return absl::InternalError("The ledger lost the row written to it");
  result.entry = **found;
  return absl::OkStatus();
}

// Whether a running row of this version was ended in `state`.
absl::StatusOr<bool> End(Connection& connection, const LedgerEntry& entry, LedgerState state,
                         const Call& call) {
  const auto result = connection.Query(
      "UPDATE davit.davit_migrations SET state = $4, version = version + 1, "
      "ended_at = clock_timestamp() "
      "WHERE deployment = $1 AND step = $2 AND version = $3::bigint AND state = 'running'",
      {entry.claim.deployment, entry.claim.step, absl::StrCat(entry.version),
       std::string(WordOf(state))},
      call);
  if (!result.ok()) return result.status();
  return result->affected == 1;
}

}  // namespace

absl::StatusOr<BeginResult> BeginMigration(Connection& connection, const LedgerClaim& claim,
                                           const Call& call) {
  BeginResult result;
  const absl::Status status = InTransaction(connection, kBeginLedger, call,
                                            [&] { return Claim(connection, claim, call, result); });
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<std::optional<LedgerEntry>> FindRunningEntry(Connection& connection,
                                                            const Call& call) {
  const auto readable = MayReadLedger(connection, call);
  if (!readable.ok()) return readable.status();
  if (!*readable) return std::optional<LedgerEntry>();
  return FindRunning(connection, call);
}

absl::StatusOr<std::vector<std::string>> MigratedWithin(Connection& connection, absl::Duration age,
                                                        const std::string& own, const Call& call) {
  const auto rows = connection.Query(
      "SELECT DISTINCT deployment FROM davit.davit_migrations WHERE deployment <> $1 AND "
      "container <> '' AND ended_at > clock_timestamp() - make_interval(secs => $2::float8) "
      "ORDER BY deployment",
      {own, absl::StrCat(absl::ToDoubleSeconds(age))}, call);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> deployments;
  for (size_t row = 0; row < rows->rows.size(); ++row) deployments.push_back(rows->Text(row, 0));
  return deployments;
}

absl::Status SupersedeMigration(Connection& connection, const LedgerEntry& holder,
                                const Call& call) {
  return InTransaction(connection, kBeginLedger, call, [&]() -> absl::Status {
    const auto ended = End(connection, holder, LedgerState::kSuperseded, call);
    if (!ended.ok()) return ended.status();
    if (*ended) return absl::OkStatus();
    return absl::AbortedError(absl::StrCat("The migration of deployment ", holder.claim.deployment,
                                           " has changed since it was looked at"));
  });
}

absl::Status SupersedeAllMigrations(Connection& connection, const Call& call) {
  const auto ledger = connection.Query(
      "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = 'davit' AND c.relname = 'davit_migrations'",
      call);
  if (!ledger.ok() || ledger->rows.empty()) return ledger.status();
  return connection
      .Query(
          "UPDATE davit.davit_migrations SET state = 'superseded', version = version + 1, "
          "ended_at = clock_timestamp() WHERE state = 'running'",
          call)
      .status();
}

absl::Status FinishMigration(Connection& connection, const LedgerEntry& entry, LedgerState state,
                             const Call& call) {
  return InTransaction(connection, kBeginLedger, call, [&]() -> absl::Status {
    const auto ended = End(connection, entry, state, call);
    if (!ended.ok()) return ended.status();
    if (*ended) return absl::OkStatus();
    const auto found = FindOwn(connection, entry.claim, call);
    if (!found.ok()) return found.status();
    if (found->has_value() && (*found)->state == state) return absl::OkStatus();
    return absl::AbortedError(absl::StrCat("The migration of deployment ", entry.claim.deployment,
                                           " was taken over by another deployment"));
  });
}

std::string StatementToEnd(const LedgerEntry& holder) {
  // Others may write the ledger, too: what they have written must stay a word.
  return absl::StrCat(
      "UPDATE davit.davit_migrations SET state = 'superseded', version = version + 1, ended_at = "
      "now() WHERE deployment = ",
      QuotedLiteral(holder.claim.deployment), " AND state = 'running'");
}

std::string HolderSentence(const LedgerEntry& holder) {
  const bool restores = holder.claim.IsRestore();
  return absl::StrCat(
      "Deployment ", holder.claim.deployment,
      restores ? " has been putting a backup in its place for " : " has been migrating it for ",
      absl::FormatDuration(absl::Trunc(holder.age, absl::Seconds(1))), " from host ",
      holder.claim.host, restores ? "" : absl::StrCat(" (container ", holder.claim.container, ")"));
}

}  // namespace davit::database
