#ifndef DAVIT_WORKER_DATABASE_MIGRATION_SQL_TOKEN_H_
#define DAVIT_WORKER_DATABASE_MIGRATION_SQL_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace davit::database {

enum class SqlTokenKind : uint8_t {
  kGap,      // white space and comments
  kWord,     // a key word, a name without quotes, a parameter
  kName,     // "in quotes"
  kLiteral,  // a string of any form, a number
  kSign,     // one character of anything else
};

// A piece of PostgreSQL's SQL, as it was written.
struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::kSign;
  absl::string_view text;
};

// Takes the first token off `sql`, which is not empty. What is open at its end, ends there.
SqlToken TakeSqlToken(absl::string_view& sql);

// Whether it is that key word or sign, in whatever case.
bool IsSql(const SqlToken& token, absl::string_view word);

// The name as the server has it: without quotes, or in lower case.
std::string SqlName(const SqlToken& token);

}  // namespace davit::database

#endif  // DAVIT_WORKER_DATABASE_MIGRATION_SQL_TOKEN_H_
