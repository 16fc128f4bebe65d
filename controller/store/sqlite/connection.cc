#include "controller/store/sqlite/connection.h"

#include <google/protobuf/message_lite.h>
#include <sqlite3.h>

#include <utility>

namespace davit::store {

Connection::Connection(const std::string& path, absl::Duration busy_timeout)
    : database_(path, SQLite::OPEN_READWRITE,
                static_cast<int>(absl::ToInt64Milliseconds(busy_timeout))) {
  Execute("PRAGMA foreign_keys = ON");
  // A commit is on disk when it returns, in WAL mode too.
  Execute("PRAGMA synchronous = FULL");
  // What a savepoint may have to undo is kept in memory: a file for it was written
  // more often than the database.
  Execute("PRAGMA temp_store = MEMORY");
}

bool Connection::InTransaction() const {
  return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

SQLite::Statement& Connection::Prepared(absl::string_view sql) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) {
    it = statements_.emplace(sql, SQLite::Statement(database_, std::string(sql))).first;
  }
  return it->second;
}

Query::Query(Connection& connection, absl::string_view sql)
    : statement_(connection.Prepared(sql)) {}

Query::~Query() {
  // An error here is that of the step before, which has been thrown already.
  statement_.tryReset();
  try {
    statement_.clearBindings();
  } catch (const SQLite::Exception&) {
    // The next use binds every parameter anew.
  }
}

Query& Query::Bind(absl::string_view text) {
  statement_.bind(++bound_, std::string(text));
  return *this;
}

Query& Query::Bind(int64_t number) {
  statement_.bind(++bound_, number);
  return *this;
}

Query& Query::BindNull() {
  statement_.bind(++bound_);
  return *this;
}

Query& Query::BindBlob(const std::string& bytes) {
  statement_.bind(++bound_, bytes.data(), static_cast<int>(bytes.size()));
  return *this;
}

Query& Query::BindMessage(const google::protobuf::MessageLite& message) {
  return BindBlob(message.SerializeAsString());
}

std::string Query::Text(int column) const { return statement_.getColumn(column).getString(); }

int64_t Query::Number(int column) const { return statement_.getColumn(column).getInt64(); }

absl::string_view Query::Blob(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  const int size = value.getBytes();
  return absl::string_view(static_cast<const char*>(value.getBlob()), size);
}

void Query::Message(int column, google::protobuf::MessageLite& message) const {
  const absl::string_view bytes = Blob(column);
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw SQLite::Exception("a record cannot be read", SQLITE_CORRUPT);
  }
}

}  // namespace davit::store
