#include "worker/database/connection/connection.h"

#include <libpq-fe.h>
#include <sys/socket.h>

#include <exception>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/database/connection/adopted_session.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/connection/name_lookup.h"
#include "worker/database/connection/query_watch.h"
#include "worker/database/connection/session_start.h"

namespace davit::database {
namespace {

constexpr absl::string_view kStatePayload = "davit.database/sqlstate";

QueryResult CopyOf(const pqxx::result& rows) {
  QueryResult copy;
  for (int column = 0; column < static_cast<int>(rows.columns()); ++column) {
    copy.columns.emplace_back(rows.column_name(column));
  }
  for (const auto& row : rows) {
    auto& values = copy.rows.emplace_back();
    for (const auto& field : row) {
      values.push_back(field.is_null() ? std::nullopt : std::make_optional(field.c_str()));
    }
  }
  copy.affected = static_cast<int64_t>(rows.affected_rows());
  return copy;
}

// The exception that is being handled. What libpqxx throws ends here.
absl::Status CaughtError() {
  try {
    throw;
  } catch (const pqxx::broken_connection& lost) {
    return absl::UnavailableError(absl::StripAsciiWhitespace(lost.what()));
  } catch (const pqxx::sql_error& refused) {
    return WithSqlState(absl::InternalError(absl::StripAsciiWhitespace(refused.what())),
                        refused.sqlstate());
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StripAsciiWhitespace(error.what()));
  }
}

// Where libpqxx has lost the connection over a query, it may say no more than that it cannot look
// up the text's encoding any more.
absl::Status LostStatus(const absl::Status& error) {
  const bool says_nothing = absl::StrContains(error.message(), "client encoding");
  return WithSqlState(
      absl::UnavailableError(says_nothing ? "the server ended the connection" : error.message()),
      SqlState(error));
}

pqxx::result Execute(pqxx::transaction_base& session, const std::string& sql,
                     const std::vector<std::string>& parameters) {
  if (parameters.empty()) return session.exec(sql);
#if PQXX_VERSION_MAJOR >= 7
  pqxx::params values;
  values.append_multi(parameters);
  return session.exec_params(sql, values);
#else
  return session.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
#endif
}

class PqxxSession final : public Connection {
 public:
  explicit PqxxSession(std::unique_ptr<PqxxConnection> connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<QueryResult> Query(absl::string_view sql,
                                    const std::vector<std::string>& parameters,
                                    const Call& call) override {
    if (const absl::Status status = call.Check(); !status.ok()) return status;
    QueryWatch watch(
        call, [this] { Cancel(); }, [this] { HangUp(); });
    absl::StatusOr<QueryResult> result = Run(std::string(sql), parameters);
    const absl::Status ended = watch.Finish();
    // What was done before the server heard of the end is done.
    return result.ok() || ended.ok() ? std::move(result) : ended;
  }

  int server_version() const override { return connection_->server_version(); }
  int backend_pid() const override { return connection_->backendpid(); }

 private:
  absl::StatusOr<QueryResult> Run(const std::string& sql,
                                  const std::vector<std::string>& parameters) {
    if (!lost_.ok()) return lost_;
    try {
      pqxx::nontransaction session(*connection_);
      return CopyOf(Execute(session, sql, parameters));
    } catch (...) {
      absl::Status error = CaughtError();
      if (connection_->is_open()) return error;
      lost_ = LostStatus(error);
      return lost_;
    }
  }

  void Cancel() {
    try {
      connection_->cancel_query();
    } catch (...) {
      CaughtError().IgnoreError();  // then it is hung up
    }
  }

  void HangUp() { shutdown(connection_->sock(), SHUT_RDWR); }

  std::unique_ptr<PqxxConnection> connection_;
  absl::Status lost_;  // since when: what was said then says more than anything after
};

absl::StatusOr<std::unique_ptr<Connection>> Adopted(Session session) {
  try {
    return std::make_unique<PqxxSession>(AdoptSession(std::move(session)));
  } catch (...) {
    const absl::Status status = CaughtError();
    return ConnectStatus(ReasonFor("", status.message()), status.message());
  }
}

absl::Status LimitStatements(Connection& connection, absl::Duration limit, const Call& call) {
  if (limit == absl::InfiniteDuration()) return absl::OkStatus();
  // A pooler, which invents process numbers, would keep the setting for its other clients.
  const auto set = connection.Query(
      "SELECT CASE WHEN pg_backend_pid() = $1 THEN set_config('statement_timeout', $2, false) END",
      {absl::StrCat(connection.backend_pid()), absl::StrCat(absl::ToInt64Milliseconds(limit))},
      call);
  if (set.ok() || !call.Check().ok()) return set.status();
  return ConnectStatus(ConnectReason::kOther, set.status().message(), SqlState(set.status()));
}

absl::StatusOr<std::unique_ptr<Connection>> ConnectTo(const DatabaseUrl& url,
                                                      const DatabaseHost& host,
                                                      const ConnectOptions& options,
                                                      const Call& call) {
  absl::StatusOr<Session> session = StartSession(url, host, options, call);
  if (!session.ok()) return session.status();
  absl::StatusOr<std::unique_ptr<Connection>> connection = Adopted(*std::move(session));
  if (!connection.ok()) return connection;
  const absl::Status limited = LimitStatements(**connection, options.statement_timeout, call);
  if (!limited.ok()) return limited;
  return connection;
}

// As libpq has it: a server that answers decides, unless it is not up.
bool IsForTheNextAddress(const absl::Status& status) {
  const std::string state = SqlState(status);
  return state.empty() || state == "57P03";
}

// The host once for each of its addresses.
absl::StatusOr<std::vector<DatabaseHost>> AddressesOf(const DatabaseHost& host,
                                                      const ConnectOptions& options,
                                                      const Call& call) {
  if (host.IsSocket() || !host.address.empty()) return std::vector{host};
  const auto addresses = LookUpName(host.name, options.connect_timeout, call);
  if (!addresses.ok()) return addresses.status();
  std::vector<DatabaseHost> hosts;
  for (const std::string& address : *addresses) {
    hosts.push_back({.name = host.name, .port = host.port, .address = address});
  }
  return hosts;
}

absl::StatusOr<std::unique_ptr<Connection>> ConnectToAny(const DatabaseUrl& url,
                                                         const DatabaseHost& host,
                                                         const ConnectOptions& options,
                                                         const Call& call, DatabaseHost& reached) {
  const auto addresses = AddressesOf(host, options, call);
  if (!addresses.ok()) return addresses.status();
  absl::StatusOr<std::unique_ptr<Connection>> connection;
  for (const DatabaseHost& address : *addresses) {
    reached = address;
    connection = ConnectTo(url, address, options, call);
    if (connection.ok() || !call.Check().ok() || !IsForTheNextAddress(connection.status())) break;
  }
  return connection;
}

}  // namespace

std::string QueryResult::Text(size_t row, size_t column) const {
  if (row >= rows.size() || column >= rows[row].size()) return "";
  return rows[row][column].value_or("");
}

absl::StatusOr<std::unique_ptr<Connection>> Connect(const DatabaseUrl& url,
                                                    const ConnectOptions& options,
                                                    const Call& call) {
  DatabaseUrl reached;
  return Connect(url, options, call, reached);
}

absl::StatusOr<std::unique_ptr<Connection>> Connect(const DatabaseUrl& url,
                                                    const ConnectOptions& options, const Call& call,
                                                    DatabaseUrl& reached) {
  absl::StatusOr<std::unique_ptr<Connection>> connection =
      ConnectStatus(ConnectReason::kOther, "the URL names no host");
  for (const DatabaseHost& host : url.hosts) {
    DatabaseHost dialled;
    connection = ConnectToAny(url, host, options, call, dialled);
    if (connection.ok()) {
      reached = url;
      reached.hosts = {std::move(dialled)};
      return connection;
    }
    if (!call.Check().ok() || !IsForTheNextAddress(connection.status())) break;
  }
  return connection;
}

std::string SqlState(const absl::Status& status) {
  const auto payload = status.GetPayload(kStatePayload);
  return payload.has_value() ? std::string(*payload) : "";
}

absl::Status WithSqlState(absl::Status status, absl::string_view sqlstate) {
  if (!sqlstate.empty()) status.SetPayload(kStatePayload, absl::Cord(sqlstate));
  return status;
}

}  // namespace davit::database
