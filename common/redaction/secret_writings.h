#ifndef DAVIT_COMMON_REDACTION_SECRET_WRITINGS_H_
#define DAVIT_COMMON_REDACTION_SECRET_WRITINGS_H_

// For tests: a value as programs write it.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace davit {

// Bytes that are none of letters, digits and `kept` as %XX.
inline std::string UrlWriting(absl::string_view value, absl::string_view kept, bool upper,
                              bool plus = false) {
  std::string out;
  for (const unsigned char c : value) {
    if (absl::ascii_isalnum(c) || absl::StrContains(kept, static_cast<char>(c))) {
      out.push_back(static_cast<char>(c));
    } else if (c == ' ' && plus) {
      out.push_back('+');
    } else {
      const std::string escape = absl::StrFormat("%%%02X", c);
      out += upper ? escape : absl::AsciiStrToLower(escape);
    }
  }
  return out;
}

// `value` is ASCII or without `unicode`.
inline std::string JsonWriting(absl::string_view value, absl::string_view unicode) {
  std::string out;
  for (const unsigned char c : value) {
    if (absl::StrContains(unicode, static_cast<char>(c))) {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04X", c);
    } else if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
  return out;
}

// As in $'…'.
inline std::string BashWriting(absl::string_view value) {
  std::string out;
  for (const unsigned char c : value) {
    if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c > 0x7e) {
      absl::StrAppendFormat(&out, "\\%03o", c);
    } else if (c == '\'' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
  return out;
}

inline std::string BackslashWriting(absl::string_view value) {
  std::string out;
  for (const unsigned char c : value) {
    if (c != '_' && (absl::ascii_ispunct(c) || c == ' ')) out.push_back('\\');
    out.push_back(static_cast<char>(c));
  }
  return out;
}

// By name.
inline std::vector<std::pair<std::string, std::string>> WritingsOf(const std::string& value) {
  const std::string base64 = absl::Base64Escape(value);
  return {
      {"as it is", value},
      {"base64", base64},
      {"base64 for URLs", absl::WebSafeBase64Escape(value)},
      {"base64 in a URL", UrlWriting(base64, "-_.", true)},
      {"URL, all that is not safe", UrlWriting(value, "-_.~", true)},
      {"URL, small digits", UrlWriting(value, "-_.~", false)},
      {"URL of a path", UrlWriting(value, "-_.~/:@!$&'()*,;=", true)},
      {"URL of a form", UrlWriting(value, "-_.*", true, true)},
      {"JSON", JsonWriting(value, "")},
      {"JSON for HTML", JsonWriting(value, "<>&'")},
      {"JSON with \\/", absl::StrReplaceAll(JsonWriting(value, ""), {{"/", "\\/"}})},
      {"shell with '\\''", absl::StrReplaceAll(value, {{"'", R"('\'')"}})},
      {"shell with '\"'\"'", absl::StrReplaceAll(value, {{"'", R"('"'"')"}})},
      {"shell with \"",
       absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"$", "\\$"}, {"`", "\\`"}})},
      {"shell with $'", BashWriting(value)},
      {"shell with backslashes", BackslashWriting(value)},
  };
}

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_SECRET_WRITINGS_H_
