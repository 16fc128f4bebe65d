#include "client/commands/command_line/verb_names.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "common/spec/suggest.h"

namespace davit::commands {
namespace {

std::vector<const CLI::App*> Verbs(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> VerbNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : Verbs(app)) names.push_back(verb->get_name());
  return names;
}

const CLI::App& NamedVerb(const std::vector<std::string>& words, const CLI::App& app) {
  const CLI::App* current = &app;
  for (const std::string& word : words) {
    for (const CLI::App* verb : Verbs(*current)) {
      if (verb->get_name() != word) continue;
      current = verb;
      break;
    }
  }
  return *current;
}

std::vector<std::string> OptionNames(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string SuggestionFor(const std::vector<std::string>& words, const CLI::App& app) {
  const CLI::App& verb = NamedVerb(words, app);
  const std::vector<std::string> options = OptionNames(verb);
  const std::vector<std::string> verbs = VerbNames(verb);
  for (const std::string& word : words) {
    if (absl::StartsWith(word, "--")) {
      const std::string name = word.substr(0, word.find('='));
      if (Contains(options, name)) continue;
      if (std::string near = spec::DidYouMean(name, options); !near.empty()) return near;
    } else if (!verbs.empty() && word != verb.get_name() && !absl::StartsWith(word, "-")) {
      if (std::string near = spec::DidYouMean(word, verbs); !near.empty()) return near;
    }
  }
  return "";
}

}  // namespace davit::commands
