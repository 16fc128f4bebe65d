#include "worker/database/connection/connect_reason.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "worker/database/connection/connection.h"

namespace davit::database {
namespace {

constexpr absl::string_view kReasonPayload = "davit.database/connect-reason";

absl::StatusCode CodeFor(ConnectReason reason) {
  switch (reason) {
    case ConnectReason::kAuthentication:
      return absl::StatusCode::kUnauthenticated;
    case ConnectReason::kNotAllowed:
    case ConnectReason::kSwitchedOff:
      return absl::StatusCode::kPermissionDenied;
    case ConnectReason::kNoSuchDatabase:
      return absl::StatusCode::kNotFound;
    case ConnectReason::kTls:
    case ConnectReason::kStandby:
    case ConnectReason::kReadOnly:
      return absl::StatusCode::kFailedPrecondition;
    default:
      // A time limit of one try is no deadline of the caller's.
      return absl::StatusCode::kUnavailable;
  }
}

struct ReasonWords {
  absl::string_view sentence;  // $HOST, $USER and $DATABASE are named
  absl::string_view likely_cause;
  absl::string_view what_to_do;
};

constexpr ReasonWords kSwitchedOffWords = {
    "$HOST has the database $DATABASE, but lets nobody into it",
    "a restore of it was broken off by the server's end, or somebody has switched its "
    "connections off",
    "allow them again, in another database of that server, such as postgres: ALTER "
    "DATABASE $DATABASE ALLOW_CONNECTIONS true"};

constexpr ReasonWords kStandbyWords = {
    "$HOST is a standby, which takes no changes to $DATABASE",
    "the URL leads to a replica, or the servers have changed places since it was set",
    "set the secret that has the URL anew, with the primary server's host (of several hosts, "
    "target_session_attrs=read-write in the URL takes the one that can be written); or promote the "
    "standby"};

constexpr ReasonWords kReadOnlyWords = {
    "$HOST lets user $USER only read in $DATABASE",
    "default_transaction_read_only is on, for the server, the database, the role or by the URL's "
    "options: say, for maintenance, or as the disk is full",
    "see where it is set: SELECT source, sourcefile FROM pg_settings WHERE name = "
    "'default_transaction_read_only'; and switch it off, or set the secret that has the URL anew"};

constexpr ReasonWords kTooManyClientsWords = {
    "$HOST has no connection left for user $USER",
    "other clients hold max_connections, or as many as the role, the database or the pooler "
    "allows; the last ones are reserved for superusers",
    "look at pg_stat_activity for who holds them; make the applications' pools smaller, or the "
    "limit larger"};

constexpr ReasonWords kTlsWords = {
    "no TLS connection to $HOST can be made",
    "the URL's sslmode asks for what the server does not offer, or its certificate is not one that "
    "is trusted for this name",
    "turn ssl on in the server's configuration, give the right sslrootcert, or change sslmode in "
    "the URL"};

ReasonWords WordsOf(ConnectReason reason) {
  switch (reason) {
    case ConnectReason::kRefused:
      return {"nothing listens at $HOST",
              "the server is not running, listens at another address or port, or a firewall "
              "rejects it",
              "start the server; compare host and port of the URL with listen_addresses and port "
              "of postgresql.conf"};
    case ConnectReason::kNameNotFound:
      return {"no address is known for $HOST",
              "the name is misspelt, or that of a container that does not run or is in none of "
              "the application's networks",
              "correct the URL's host, start that container, or put it into a network of the "
              "application"};
    case ConnectReason::kUnreachable:
      return {"$HOST cannot be reached from this host",
              "there is no route to it, a firewall is between, or the socket's directory is "
              "closed to the worker",
              "try the same address from this host, and open the way to it"};
    case ConnectReason::kAuthentication:
      return {"$HOST does not accept user $USER with this password",
              "the password in the URL is not the role's, or was set for another environment, or "
              "the role does not exist",
              "set the secret that has the URL anew, or give the role that password with ALTER "
              "ROLE; a / ? # @ : or % of it must be percent-encoded"};
    case ConnectReason::kNotAllowed:
      return {"$HOST does not let user $USER into database $DATABASE from here",
              "pg_hba.conf has no line for this user, database and address (with TLS, or "
              "without), the role may not log in, or it lacks CONNECT",
              "add a line to pg_hba.conf and reload the server, or grant LOGIN to the role and "
              "CONNECT on the database"};
    case ConnectReason::kNoSuchDatabase:
      return {"$HOST has no database $DATABASE",
              "it was not created yet, or the URL has another name",
              "create it (CREATE DATABASE … OWNER …), or correct the name in the URL"};
    case ConnectReason::kTooManyClients:
      return kTooManyClientsWords;
    case ConnectReason::kStartingUp:
      return {"$HOST is starting up", "it was started just now, or recovers from a crash",
              "wait; when it takes long, its log says how far the recovery is"};
    case ConnectReason::kShuttingDown:
      return {"$HOST is shutting down", "somebody stops or restarts it",
              "start it again, or wait for its restart"};
    case ConnectReason::kTls:
      return kTlsWords;
    case ConnectReason::kTimeout:
      return {"$HOST did not answer in time",
              "a firewall drops what is sent to it, another program listens there, or the server "
              "is overloaded",
              "try the same address from this host; look whether it is PostgreSQL that listens"};
    case ConnectReason::kClosed:
      return {"$HOST hung up before it answered",
              "it was starting, stopping or crashing, or it is no PostgreSQL server",
              "look into the server's log"};
    case ConnectReason::kSwitchedOff:
      return kSwitchedOffWords;
    case ConnectReason::kStandby:
      return kStandbyWords;
    case ConnectReason::kReadOnly:
      return kReadOnlyWords;
    case ConnectReason::kOther:
      break;
  }
  return {"$HOST gives no session to user $USER", "", "look into the server's log"};
}

// pg_hba.conf's refusals say for whom a line is missing.
absl::string_view CauseOf(ConnectReason reason, absl::string_view evidence,
                          absl::string_view otherwise) {
  if (reason != ConnectReason::kNotAllowed) return otherwise;
  if (absl::StrContains(evidence, "no encryption") || absl::StrContains(evidence, "SSL off")) {
    return "pg_hba.conf has no line for this user, database and address without TLS: it has none "
           "at all, or asks for TLS (sslmode=require)";
  }
  if (absl::StrContains(evidence, "not permitted to log in")) {
    return "the role was created without LOGIN";
  }
  return otherwise;
}

// A DROP DATABASE that was broken off leaves what nothing can be done with, and the same SQLSTATE.
bool IsHalfDropped(ConnectReason reason, absl::string_view evidence) {
  return reason == ConnectReason::kSwitchedOff && absl::StrContains(evidence, "invalid database");
}

std::string Quoted(const std::string& name, absl::string_view otherwise) {
  return name.empty() ? std::string(otherwise) : absl::StrCat("\"", name, "\"");
}

}  // namespace

absl::Status ConnectStatus(ConnectReason reason, absl::string_view evidence,
                           absl::string_view sqlstate) {
  absl::Status status(CodeFor(reason), evidence);
  status.SetPayload(kReasonPayload, absl::Cord(absl::StrCat(static_cast<int>(reason))));
  return WithSqlState(std::move(status), sqlstate);
}

ConnectReason ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kReasonPayload);
  int number = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &number)) {
    return ConnectReason::kOther;
  }
  return static_cast<ConnectReason>(number);
}

ConnectProblem Explain(const absl::Status& status, const DatabaseUrl& url) {
  const ConnectReason reason = ReasonOf(status);
  ReasonWords words = WordsOf(reason);
  if (IsHalfDropped(reason, status.message())) {
    words.likely_cause = "a DROP DATABASE of it was broken off, and what was in it is gone in part";
    words.what_to_do = "drop it, create it anew, empty, and restore a backup";
  }
  ConnectProblem problem;
  problem.reason = reason;
  const auto named = [&url](absl::string_view text) {
    return absl::StrReplaceAll(text,
                               {{"$HOST", absl::StrCat("the database server ", url.HostsText())},
                                {"$USER", Quoted(url.user, "(none)")},
                                {"$DATABASE", Quoted(url.database, Quoted(url.user, "(none)"))}});
  };
  problem.sentence = named(words.sentence);
  problem.evidence = std::string(status.message());
  problem.likely_cause = std::string(CauseOf(reason, problem.evidence, words.likely_cause));
  problem.what_to_do = named(words.what_to_do);
  return problem;
}

}  // namespace davit::database
