#include "common/config/layers.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::config {
namespace {

// The file's text; a problem when it cannot be read.
std::string ReadText(const std::string& path, std::string* problem) {
  std::ifstream file(path);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  // A directory opens and only then refuses to be read.
  if (!file && !file.eof()) {
    *problem = absl::StrCat(path, ": cannot be read: ", std::strerror(errno), "\n");
  }
  return text.str();
}

bool Exists(const std::string& path) {
  std::ifstream file(path);
  // One that may not be read is there, and must not be passed over.
  return file.good() || errno != ENOENT;
}

std::vector<std::string> ListOf(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) {
    for (absl::string_view item : absl::StrSplit(text, ',')) {
      item = absl::StripAsciiWhitespace(item);
      if (!item.empty()) items.emplace_back(item);
    }
  }
  return items;
}

spec::Override MakeOverride(const Key& key, const std::vector<std::string>& texts,
                            const std::string& place) {
  const bool list = key.field->is_repeated();
  return {.path = key.path,
          .values = list ? ListOf(texts) : std::vector<std::string>{texts.back()},
          .place = place};
}

std::vector<spec::Override> Overrides(const std::vector<Key>& keys, const FlagValues& flags,
                                      const Surroundings& surroundings) {
  std::vector<spec::Override> overrides;
  for (const Key& key : keys) {
    const auto flag = flags.find(key.path);
    const std::string variable = surroundings.variable(key.variable).value_or("");
    if (flag != flags.end() && !flag->second.empty()) {
      overrides.push_back(MakeOverride(key, flag->second, key.flag));
    } else if (!variable.empty()) {
      overrides.push_back(MakeOverride(key, {variable}, key.variable));
    }
  }
  return overrides;
}

std::string FileOf(const Program& program, const std::string& named,
                   const Surroundings& surroundings) {
  if (!named.empty()) return named;
  const std::string variable =
      surroundings.variable(absl::StrCat(program.prefix, "CONFIG")).value_or("");
  if (!variable.empty()) return variable;
  return Exists(program.file) ? program.file : "";
}

}  // namespace

Layers ReadLayers(const Program& program, const std::string& named_file, const FlagValues& flags,
                  const Surroundings& surroundings, google::protobuf::Message* config) {
  Layers layers{.file = FileOf(program, named_file, surroundings)};
  const std::string text = layers.file.empty() ? "" : ReadText(layers.file, &layers.problems);
  if (!layers.problems.empty()) return layers;
  const std::vector<Key> keys = KeysOf(*config->GetDescriptor(), program.prefix);
  spec::MessageResult result = spec::LoadMessage(text,
                                                 {.variable = surroundings.variable,
                                                  .overrides = Overrides(keys, flags, surroundings),
                                                  .check = program.check},
                                                 config);
  const std::string& name = layers.file.empty() ? program.name : layers.file;
  layers.problems = spec::FormatProblems(name, text, result.problems);
  layers.origins = std::move(result.origins);
  return layers;
}

}  // namespace davit::config
