#include "worker/database/restore/restore_names.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace davit::database {
namespace {

constexpr size_t kLongestIdentifier = 63;  // bytes: NAMEDATALEN - 1
constexpr size_t kHashDigits = 14;

// FNV-1a: the same in every process, unlike absl::Hash.
uint32_t NameHash(absl::string_view name) {
  uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

// `name`, or where that is longer than `size`: as much of it as fits with a hash of all.
std::string ShortName(const std::string& name, size_t size) {
  if (name.size() <= size) return name;
  const std::string end = absl::StrCat("_", absl::Hex(NameHash(name), absl::kZeroPad8));
  size -= end.size();
  while (size > 0 && (name[size] & 0xC0) == 0x80) --size;  // not in the middle of a character
  return name.substr(0, size) + end;
}

// The same, 56 bits of it.
std::string KeyHash(absl::string_view key) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16)).substr(16 - kHashDigits);
}

std::string NameWith(const std::string& database, absl::string_view word, absl::string_view last) {
  const std::string end = absl::StrCat("_", word, "_", last);
  return ShortName(database, kLongestIdentifier - end.size()) + end;
}

}  // namespace

std::string RestoringName(const std::string& database, absl::string_view key) {
  return NameWith(database, "restoring", KeyHash(key));
}

std::string RestoringPrefix(const std::string& database) {
  const std::string name = RestoringName(database, "");
  return name.substr(0, name.size() - kHashDigits);
}

std::string BeforeName(const std::string& database, absl::Time now) {
  // Two restores may begin in one second.
  const std::string second = absl::FormatTime("%Y%m%d%H%M%S", now, absl::UTCTimeZone());
  const int64_t milliseconds = absl::ToUnixMillis(now) % 1000;
  return NameWith(database, "before",
                  absl::StrCat(second, absl::Dec(milliseconds, absl::kZeroPad3)));
}

}  // namespace davit::database
