#include "worker/database/catalogue/default_rules.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "worker/database/migration/sql_token.h"

namespace davit::database {
namespace {

constexpr absl::string_view kHarmlessCalls[] = {
    "now",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timezone",
    "random",
    "nextval",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "current_timestamp",
    "current_time",
    "localtimestamp",
    "localtime",
    "varying",  // of "character varying(20)"
};

// Types that can be made of anything, and those that can be made of numbers and times.
constexpr absl::string_view kTextTypes[] = {"text", "character"};
constexpr absl::string_view kPlainTypes[] = {"date",     "timestamp", "time",   "bigint", "integer",
                                             "smallint", "real",      "double", "numeric"};

template <typename Words>
bool IsOneOf(const std::string& name, const Words& words) {
  return std::find(std::begin(words), std::end(words), name) != std::end(words);
}

std::vector<SqlToken> TokensOf(absl::string_view expression) {
  std::vector<SqlToken> tokens;
  while (!expression.empty()) {
    const SqlToken token = TakeSqlToken(expression);
    if (token.kind != SqlTokenKind::kGap) tokens.push_back(token);
  }
  return tokens;
}

bool IsName(const SqlToken& token) {
  return token.kind == SqlTokenKind::kWord || token.kind == SqlTokenKind::kName;
}

class DefaultReader {
 public:
  explicit DefaultReader(absl::string_view expression) : tokens_(TokensOf(expression)) {
    for (const SqlToken& token : tokens_) {
      has_text_ = has_text_ || absl::StrContains(token.text, '\'');
      has_time_ = has_time_ || IsSql(token, "interval") || IsSql(token, "current_date");
    }
  }

  bool NeverFails() const {
    for (size_t at = 0; at < tokens_.size(); ++at) {
      const SqlToken& token = tokens_[at];
      if (IsName(token) ? !IsHarmlessWord(at) : !IsHarmlessSign(at)) return false;
    }
    return true;
  }

 private:
  bool Is(size_t at, absl::string_view sign) const {
    return at < tokens_.size() && IsSql(tokens_[at], sign);
  }
  bool IsCast(size_t at) const { return at >= 2 && Is(at - 1, ":") && Is(at - 2, ":"); }

  // The type of a cast, a call, or a word that is neither.
  bool IsHarmlessWord(size_t at) const {
    if (IsCast(at)) return IsHarmlessCast(at);
    return !Is(at + 1, "(") || IsOneOf(SqlName(tokens_[at]), kHarmlessCalls);
  }

  // A literal was cast when the default was made.
  bool IsHarmlessCast(size_t at) const {
    if (at < 3 || !Is(at - 3, ")")) return true;
    const std::string type = SqlName(tokens_[at]);
    return IsOneOf(type, kTextTypes) || (!has_text_ && IsOneOf(type, kPlainTypes));
  }

  bool IsHarmlessSign(size_t at) const {
    if (tokens_[at].kind == SqlTokenKind::kLiteral) return true;
    for (const absl::string_view sign : {"(", ")", "[", "]", ",", ":", "."}) {
      if (Is(at, sign)) return true;
    }
    if (has_time_) return Is(at, "+") || Is(at, "-");
    const bool begins = at == 0 || Is(at - 1, "(") || Is(at - 1, "[") || Is(at - 1, ",");
    return begins && Is(at, "-");
  }

  std::vector<SqlToken> tokens_;
  bool has_text_ = false;
  bool has_time_ = false;
};

}  // namespace

bool NeverFailsAsDefault(absl::string_view expression) {
  if (absl::StartsWith(expression, "identity ")) return true;
  return DefaultReader(expression).NeverFails();
}

bool IsNullDefault(absl::string_view expression) {
  return expression == "NULL" || absl::StartsWith(expression, "NULL::");
}

}  // namespace davit::database
