#include "worker/database/connection/sql_quote.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace davit::database {
namespace {

bool NeedsQuotes(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(static_cast<unsigned char>(name.front()))) return true;
  return !std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || c == '_' ||
           absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

std::string QuotedIfNeeded(absl::string_view name) {
  return NeedsQuotes(name) ? QuotedIdentifier(name) : std::string(name);
}

}  // namespace

std::string QuotedIdentifier(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string PastedName(absl::string_view schema, absl::string_view name) {
  if (schema.empty() || schema == "public") return QuotedIfNeeded(name);
  return absl::StrCat(QuotedIfNeeded(schema), ".", QuotedIfNeeded(name));
}

std::string QuotedLiteral(absl::string_view text) {
  std::string quoted = absl::StrContains(text, '\\') ? "E'" : "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace davit::database
