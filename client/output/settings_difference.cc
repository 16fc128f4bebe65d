#include "client/output/settings_difference.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/json.h"
#include "nlohmann/json.hpp"

namespace davit::output {
namespace {

using Json = nlohmann::json;
using Settings = std::map<std::string, std::string>;  // name to value

std::string ValueText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What tells the entries of a list apart: files have a target, checks a name.
std::string KeyOf(const Json& entry, size_t index) {
  for (const char* key : {"target", "name"}) {
    if (entry.contains(key) && entry[key].is_string()) return entry[key].get<std::string>();
  }
  return absl::StrCat(index + 1);
}

// Every value that is no object, by the words that lead to it.
void Flatten(const std::string& name, const Json& value, Settings& settings) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      Flatten(absl::StrCat(name, " ", key), member, settings);
    }
    return;
  }
  if (!value.is_array() || value.empty()) {
    settings[name] = ValueText(value);
  } else if (value[0].is_object()) {
    for (size_t i = 0; i < value.size(); ++i) {
      Flatten(absl::StrCat(name, " ", KeyOf(value[i], i)), value[i], settings);
    }
  } else {
    settings[name] = absl::StrJoin(value, ", ", [](std::string* out, const Json& entry) {
      absl::StrAppend(out, ValueText(entry));
    });
  }
}

Settings SettingsOf(const v1::App& app) {
  v1::App rest = app;
  rest.clear_image();
  rest.clear_build();
  rest.clear_env();
  Settings settings;
  // Protobuf's own JSON is an object.
  const Json json = Json::parse(ToJsonLine(rest), nullptr, /*allow_exceptions=*/false);
  for (const auto& [key, value] : json.items()) Flatten(key, value, settings);
  for (const auto& [name, value] : app.env().clear()) {
    settings[absl::StrCat("env ", name)] = value.empty() ? "\"\"" : value;
  }
  for (const auto& [name, secret] : app.env().secret()) {
    settings[absl::StrCat("env ", name)] = absl::StrCat("secret ", secret);
  }
  return settings;
}

std::vector<v1::Difference> Compare(const Settings& from, const Settings& to) {
  std::set<std::string> names;
  for (const auto& [name, value] : from) names.insert(name);
  for (const auto& [name, value] : to) names.insert(name);
  std::vector<v1::Difference> differences;
  for (const std::string& name : names) {
    const auto before = from.find(name);
    const auto after = to.find(name);
    v1::Difference difference;
    difference.set_what(name);
    if (before != from.end()) difference.set_before(before->second);
    if (after != to.end()) difference.set_after(after->second);
    if (difference.before() != difference.after()) differences.push_back(difference);
  }
  return differences;
}

// "staging's own, version 3", "the project's, version 1" or "not set".
std::string Holder(const v1::ListSecretsResponse& secrets, const std::string& name,
                   const std::string& environment) {
  std::string holder = "not set";
  for (const v1::Secret& secret : secrets.secrets()) {
    if (secret.name() != name) continue;
    const std::string version = absl::StrCat(", version ", secret.version());
    if (secret.environment() == environment) return absl::StrCat(environment, "'s own", version);
    if (secret.environment().empty()) holder = absl::StrCat("the project's", version);
  }
  return holder;
}

}  // namespace

std::vector<v1::Difference> SettingsDifferences(const v1::App& from, const v1::App& to) {
  return Compare(SettingsOf(from), SettingsOf(to));
}

std::vector<v1::Difference> SecretDifferences(const v1::App& from, const v1::App& to,
                                              const SecretView& view) {
  std::set<std::string> names;
  for (const auto& [variable, name] : from.env().secret()) names.insert(name);
  for (const auto& [variable, name] : to.env().secret()) names.insert(name);
  Settings before;
  Settings after;
  for (const std::string& name : names) {
    const std::string what = absl::StrCat("secret ", name);
    before[what] = Holder(view.secrets, name, view.from);
    after[what] = Holder(view.secrets, name, view.to);
  }
  return Compare(before, after);
}

}  // namespace davit::output
