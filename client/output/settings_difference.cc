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
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct Setting {
  std::string value;
  bool listed = false;  // of an entry of a list or mapping: one can be added; a key only set
};
using Settings = std::map<std::string, Setting>;  // by name

constexpr absl::string_view kNotSet = "not set";

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

// The message of a field's values; nullptr when they are none.
const Descriptor* ValueMessage(const FieldDescriptor* field) {
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return nullptr;
  return field->is_map() ? field->message_type()->map_value()->message_type()
                         : field->message_type();
}

// Every value that is no object, by the words that lead to it. `message`: what an object
// is, when it is no mapping of a user's names.
void Flatten(const std::string& name, const Json& value, const Descriptor* message, bool listed,
             Settings& settings) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      const FieldDescriptor* field = message == nullptr ? nullptr : message->FindFieldByName(key);
      const std::string path = name.empty() ? key : absl::StrCat(name, " ", key);
      if (field == nullptr || !field->is_map()) {
        Flatten(path, member, ValueMessage(field), listed, settings);
        continue;
      }
      for (const auto& [own, entry] : member.items()) {
        Flatten(absl::StrCat(path, " ", own), entry, ValueMessage(field), true, settings);
      }
    }
  } else if (value.is_array() && !value.empty() && value[0].is_object()) {
    for (size_t i = 0; i < value.size(); ++i) {
      Flatten(absl::StrCat(name, " ", KeyOf(value[i], i)), value[i], message, true, settings);
    }
  } else if (value.is_array() && !value.empty()) {
    const auto append = [](std::string* out, const Json& entry) {
      absl::StrAppend(out, ValueText(entry));
    };
    settings[name] = {absl::StrJoin(value, ", ", append), listed};
  } else {
    settings[name] = {ValueText(value), listed};
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
  Flatten("", json, v1::App::descriptor(), /*listed=*/false, settings);
  for (const auto& [name, value] : app.env().clear()) {
    settings[absl::StrCat("env ", name)] = {value.empty() ? "\"\"" : value, true};
  }
  for (const auto& [name, secret] : app.env().secret()) {
    settings[absl::StrCat("env ", name)] = {absl::StrCat("secret ", secret), true};
  }
  return settings;
}

// The value of `name`; empty for an entry that is not there.
std::string ValueIn(const Settings& settings, const std::string& name, bool listed) {
  const auto found = settings.find(name);
  if (found != settings.end()) return found->second.value;
  return listed ? "" : std::string(kNotSet);
}

std::vector<v1::Difference> Compare(const Settings& from, const Settings& to) {
  Settings all = from;
  all.insert(to.begin(), to.end());
  std::vector<v1::Difference> differences;
  for (const auto& [name, setting] : all) {
    v1::Difference difference;
    difference.set_what(name);
    difference.set_before(ValueIn(from, name, setting.listed));
    difference.set_after(ValueIn(to, name, setting.listed));
    if (difference.before() != difference.after()) differences.push_back(difference);
  }
  return differences;
}

// "staging's own, version 3", "the project's, version 1" or "not set".
std::string Holder(const v1::ListSecretsResponse& secrets, const std::string& name,
                   const std::string& environment) {
  std::string holder(kNotSet);
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
  std::set<std::string> names_before;
  for (const auto& [variable, name] : from.env().secret()) names_before.insert(name);
  Settings before;
  Settings after;
  for (const auto& [variable, name] : to.env().secret()) {
    if (!names_before.contains(name)) continue;
    const std::string what = absl::StrCat("secret ", name);
    before[what].value = Holder(view.secrets, name, view.from);
    after[what].value = Holder(view.secrets, name, view.to);
  }
  return Compare(before, after);
}

}  // namespace davit::output
