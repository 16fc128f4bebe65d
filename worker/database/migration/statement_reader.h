#ifndef DAVIT_WORKER_DATABASE_MIGRATION_STATEMENT_READER_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_STATEMENT_READER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "worker/database/migration/sql_token.h"
#include "worker/database/migration/wanted_statement.h"

namespace davit::database {

// Takes a statement apart that makes a table, an index, a column or a constraint, or that changes a
// column, from its first word on. The text, which outlives it, may be anything and may go on behind
// the statement with anything: at most 64 KiB of it are read.
class StatementReader {
 public:
  explicit StatementReader(absl::string_view text);

  // nullopt: it is no such statement, or has no end. To be called once.
  std::optional<WantedStatement> Read();

  // Whether it changes a column that is there: then `rest` is how.
  bool changes_column() const { return changes_column_; }
  size_t bytes_read() const { return whole_.size() - text_.size(); }

 private:
  SqlToken Peek();
  SqlToken Take();
  bool Skip(absl::string_view word);
  void SkipIfExists();
  bool ReadName(std::string& name);
  bool ReadCreate();
  bool ReadAlter();
  bool ReadParentheses();
  bool ReadRest();

  const absl::string_view whole_;
  absl::string_view text_;
  WantedStatement statement_;
  bool changes_column_ = false;
};

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_STATEMENT_READER_H_
