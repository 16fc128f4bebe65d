#ifndef DAVIT_WORKER_DOCKER_JSON_H_
#define DAVIT_WORKER_DOCKER_JSON_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Reading of what the engine answers. Go writes null where a list or map is
// empty and leaves out what is not set, so a reader takes absent, null and a
// wrong type alike: the empty value. Nothing here throws.
namespace davit::docker {

using Json = nlohmann::json;

// DOCKER_ERROR when `text` is not JSON.
absl::StatusOr<Json> ParseJson(absl::string_view text);

// One line, invalid UTF-8 replaced.
std::string DumpJson(const Json& json);

// Member `key`; null when there is none.
const Json& At(const Json& object, absl::string_view key);
std::string StringAt(const Json& object, absl::string_view key);
int64_t IntAt(const Json& object, absl::string_view key);
bool BoolAt(const Json& object, absl::string_view key);
std::map<std::string, std::string> StringMapAt(const Json& object, absl::string_view key);
std::vector<std::string> StringsAt(const Json& object, absl::string_view key);

// Of a RFC 3339 time with up to nine decimals; InfinitePast for Go's zero time
// and for what is no time.
absl::Time TimeOf(absl::string_view text);

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_JSON_H_
