#ifndef DAVIT_CONTROLLER_STORE_SQLITE_CONNECTION_H_
#define DAVIT_CONTROLLER_STORE_SQLITE_CONNECTION_H_

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

namespace davit::store {

// A connection that compiles each statement once. Used by one thread at a time;
// its methods throw SQLite::Exception.
class Connection {
 public:
  Connection(const std::string& path, absl::Duration busy_timeout);

  SQLite::Database& database() { return database_; }
  void Execute(const char* sql) { database_.exec(sql); }
  // False when SQLite has ended the transaction by itself.
  bool InTransaction() const;
  // The statement of `sql`, which must be a literal: it is cached by its text.
  SQLite::Statement& Prepared(absl::string_view sql);

 private:
  SQLite::Database database_;
  std::map<absl::string_view, SQLite::Statement> statements_;
};

// One use of a prepared statement. Gives it back reset, so that it holds no
// read transaction open. Values are bound in order; they need only live until
// the end of the full expression that steps it.
class Query {
 public:
  Query(Connection& connection, absl::string_view sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& Bind(absl::string_view text);
  Query& Bind(int64_t number);
  Query& BindNull();
  Query& BindBlob(const std::string& bytes);
  Query& BindMessage(const google::protobuf::MessageLite& message);

  // True when there is a row to read.
  bool Next() { return statement_.executeStep(); }
  // Runs a statement that has no rows.
  void Run() { statement_.exec(); }

  std::string Text(int column) const;
  int64_t Number(int column) const;
  // The bytes of a blob, valid until the next step.
  absl::string_view Blob(int column) const;
  // Throws SQLITE_CORRUPT when the blob is no such message.
  void Message(int column, google::protobuf::MessageLite& message) const;

 private:
  SQLite::Statement& statement_;
  int bound_ = 0;
};

}  // namespace davit::store

#endif  // DAVIT_CONTROLLER_STORE_SQLITE_CONNECTION_H_
