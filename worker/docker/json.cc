#include "worker/docker/json.h"

#include "common/failure/failure.h"

namespace davit::docker {

absl::StatusOr<Json> ParseJson(absl::string_view text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return FailureStatus(v1::DOCKER_ERROR, "Docker's answer is not JSON",
                         {std::string(text.substr(0, 200))});
  }
  return json;
}

std::string DumpJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& At(const Json& object, absl::string_view key) {
  static const Json* const kNull = new Json();
  if (!object.is_object()) return *kNull;
  const auto found = object.find(std::string(key));
  return found == object.end() ? *kNull : *found;
}

std::string StringAt(const Json& object, absl::string_view key) {
  const Json& value = At(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

int64_t IntAt(const Json& object, absl::string_view key) {
  const Json& value = At(object, key);
  return value.is_number() ? value.get<int64_t>() : 0;
}

bool BoolAt(const Json& object, absl::string_view key) {
  const Json& value = At(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::map<std::string, std::string> StringMapAt(const Json& object, absl::string_view key) {
  std::map<std::string, std::string> map;
  const Json& value = At(object, key);
  if (!value.is_object()) return map;
  for (const auto& [name, entry] : value.items()) {
    if (entry.is_string()) map[name] = entry.get<std::string>();
  }
  return map;
}

std::vector<std::string> StringsAt(const Json& object, absl::string_view key) {
  std::vector<std::string> strings;
  const Json& value = At(object, key);
  if (!value.is_array()) return strings;
  for (const Json& entry : value) {
    if (entry.is_string()) strings.push_back(entry.get<std::string>());
  }
  return strings;
}

absl::Time TimeOf(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return absl::InfinitePast();
  return time < absl::UnixEpoch() ? absl::InfinitePast() : time;
}

}  // namespace davit::docker
