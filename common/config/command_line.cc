#include "common/config/command_line.h"

#include <CLI/CLI.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/keys.h"
#include "common/config/layers.h"
#include "common/config/print.h"
#include "common/schema/comments.h"
#include "common/spec/rules.h"
#include "common/spec/suggest.h"

namespace davit::config {
namespace {

struct Given {
  std::string file;
  bool print = false;
  FlagValues flags;
  CommandLine line;
};

std::string HelpOf(const Key& key) {
  const std::string& by_default = spec::RulesOf(*key.field).default_yaml();
  return absl::StrCat(schema::CommentOf(*key.field),
                      by_default.empty() ? "" : absl::StrCat(" Default: ", by_default, "."), " [",
                      key.variable, "]");
}

void AddKeys(CLI::App& app, const Program& program, const google::protobuf::Descriptor& config,
             Given& given) {
  for (const Key& key : KeysOf(config, program.prefix)) {
    app.add_option(key.flag, given.flags[key.path], HelpOf(key))
        ->type_name(key.field->is_repeated() ? "LIST" : "TEXT")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(key.field->is_repeated() ? CLI::MultiOptionPolicy::TakeAll
                                                       : CLI::MultiOptionPolicy::TakeLast);
  }
}

void AddFlags(CLI::App& app, const Program& program, const google::protobuf::Descriptor& config,
              Given& given) {
  app.add_option("--config", given.file,
                 absl::StrCat("The configuration file. Default: ", program.file,
                              " where it exists. [", program.prefix, "CONFIG]"))
      ->type_name("FILE");
  app.add_flag("--print-config", given.print,
               "Print the configuration in effect and where each value comes from");
  AddKeys(app, program, config, given);
}

// A verb takes the flags before it and after it, and its help shows them.
void AddVerbs(CLI::App& app, const Program& program, const google::protobuf::Descriptor& config,
              Given& given) {
  for (const Verb& verb : program.verbs) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.help);
    sub->add_option(verb.argument, given.line.argument, verb.argument_help)
        ->required()
        ->type_name(" ");
    AddFlags(*sub, program, config, given);
    sub->callback([&given, name = verb.name] { given.line.verb = name; });
  }
}

// A file that is on this machine, where there is a package of it.
std::string Footer(const Program& program) {
  return absl::StrCat(
      "Flags stand over the environment, the environment over the file, the file over the "
      "defaults.\nA LIST is separated by commas, or the flag repeated.\nEach key of the file, with "
      "an example: docs/configuration.md, in packages /usr/share/doc/",
      program.name,
      "/configuration.md.\nExit codes: 0 ended as told, 1 cannot serve, 2 bad configuration.");
}

// What nobody asked for, in the order of the line, with the verb or flag that is near.
std::string UnexpectedText(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  std::vector<std::string> known;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(verb->get_name());
  }
  for (const CLI::Option* option : app.get_options()) known.push_back(option->get_name());
  for (const std::string& word : words) {
    const std::string name = absl::StartsWith(word, "-") ? word.substr(0, word.find('=')) : word;
    if (const std::string near = spec::DidYouMean(name, known); !near.empty()) {
      return absl::StrCat("not expected: ", absl::StrJoin(words, " "), near);
    }
  }
  return absl::StrCat("not expected: ", absl::StrJoin(words, " "));
}

// The parser's own end: help, version, or an argument that it does not understand.
int End(const CLI::App& app, const CLI::ParseError& error, const Program& program,
        const Surroundings& surroundings) {
  if (error.get_exit_code() == 0) return app.exit(error, surroundings.out, surroundings.err);
  const bool unexpected = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  surroundings.err << program.name << ": " << (unexpected ? UnexpectedText(app) : error.what())
                   << "\nRun `" << program.name << " --help`." << std::endl;
  return kBadConfiguration;
}

}  // namespace

CommandLine ReadCommandLine(const Program& program, const std::vector<std::string>& arguments,
                            const Surroundings& surroundings, google::protobuf::Message* config) {
  Given given;
  CLI::App app(program.about, program.name);
  app.footer(Footer(program));
  app.set_version_flag("--version", absl::StrCat(program.name, " ", program.version));
  AddFlags(app, program, *config->GetDescriptor(), given);
  AddVerbs(app, program, *config->GetDescriptor(), given);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    given.line.exit_code = End(app, error, program, surroundings);
    return given.line;
  }
  const Layers layers = ReadLayers(program, given.file, given.flags, surroundings, config);
  // What is there helps to mend what is not.
  if (given.print) {
    surroundings.out << ToYaml(*config, layers) << std::flush;
    given.line.exit_code = 0;
  }
  if (!layers.problems.empty()) {
    surroundings.err << layers.problems << std::flush;
    given.line.exit_code = kBadConfiguration;
  }
  return given.line;
}

}  // namespace davit::config
