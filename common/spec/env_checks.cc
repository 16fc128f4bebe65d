#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/env_file/env_file.h"
#include "common/spec/checks.h"
#include "common/spec/file_template.h"
#include "common/spec/pattern.h"
#include "common/spec/problem_list.h"
#include "common/spec/rules.h"
#include "common/spec/suggest.h"

namespace davit::spec {
namespace {

bool HasVariable(const v1::Env& env, const std::string& name) {
  return env.clear().contains(name) || env.secret().contains(name);
}

// What is in `clear` cannot be in `secret` as well; `path` is that of the env.
void CheckKinds(const v1::Env& env, const std::string& path, const Report& report) {
  for (const auto& [name, secret] : env.secret()) {
    if (!env.clear().contains(name)) continue;
    report({PathOf(PathOf(path, "secret"), name),
            absl::StrCat("the variable ", Quoted(name), " is in `clear` and in `secret`"),
            /*at_key=*/true});
  }
}

// The clear ones in order: the maps of messages have none.
std::map<std::string, std::string> ClearVariables(const v1::Env& env) {
  return {env.clear().begin(), env.clear().end()};
}

std::vector<std::string> VariableNames(const v1::Env& env) {
  std::set<std::string> names;
  for (const auto& [name, value] : env.clear()) names.insert(name);
  for (const auto& [name, secret] : env.secret()) names.insert(name);
  return {names.begin(), names.end()};
}

// "The format docker cannot carry A: … ." as the middle of a sentence.
std::string AsClause(absl::string_view message) {
  std::string clause(absl::StripSuffix(message, "."));
  if (!clause.empty()) clause[0] = absl::ascii_tolower(static_cast<unsigned char>(clause[0]));
  return clause;
}

// `inherited`: what a task has besides its own.
void CheckRequired(const v1::EnvironmentSpec& spec, const std::string& name, const v1::Env& env,
                   const v1::Env& inherited, const std::string& path, const Report& report) {
  static const auto& field = *v1::Env::descriptor()->FindFieldByName("required");
  for (int i = 0; i < env.required_size(); ++i) {
    // What is no name at all the rules have refused.
    if (!Matches(RulesOf(field).pattern(), env.required(i))) continue;
    if (HasVariable(env, env.required(i)) || HasVariable(inherited, env.required(i))) continue;
    report({PathOf(PathOf(path, "required"), i),
            absl::StrCat(Quoted(env.required(i)), " is required by ", Quoted(name),
                         " and missing in the environment ", Quoted(spec.environment()),
                         ": neither `env.clear` nor `env.secret` has it")});
  }
}

void CheckTemplateNames(const std::string& name, const v1::App& app, const std::string& path,
                        const Report& report) {
  for (int i = 0; i < app.files_size(); ++i) {
    const auto names = TemplateNames(app.files(i).content());
    if (!names.ok()) continue;  // CheckFiles() has said so
    for (const std::string& variable : *names) {
      if (HasVariable(app.env(), variable)) continue;
      report(
          {PathOf(PathOf(PathOf(path, "files"), i), "content"),
           absl::StrCat("`content` names the variable ", Quoted(variable), ", which the env of ",
                        Quoted(name), " lacks", DidYouMean(variable, VariableNames(app.env())))});
    }
  }
}

}  // namespace

void CheckEnv(const v1::App& app, const std::string& path, const Report& report) {
  const std::string env = PathOf(path, "env");
  CheckKinds(app.env(), env, report);
  for (int i = 0; i < app.tasks_size(); ++i) {
    CheckKinds(app.tasks(i).env(), PathOf(PathOf(PathOf(path, "tasks"), i), "env"), report);
  }
  std::set<std::string> formats;
  for (const v1::EnvMount& mount : app.env_mounts()) formats.insert(mount.format());
  const std::map<std::string, std::string> variables = ClearVariables(app.env());
  for (const std::string& format : formats) {
    if (format != "dotenv" && format != "docker" && format != "json") continue;  // by the rules
    for (const auto& [name, value] : variables) {
      const absl::Status status = CheckEnvValue(format, name, value);
      if (status.ok()) continue;
      report({PathOf(PathOf(env, "clear"), name),
              absl::StrCat("`env_mounts` writes the env as a file: ", AsClause(status.message()))});
    }
  }
}

void CheckVariables(const v1::EnvironmentSpec& spec, const std::string& name,
                    const std::string& path, const Report& report) {
  const v1::App& app = spec.apps().at(name);
  CheckRequired(spec, name, app.env(), v1::Env(), PathOf(path, "env"), report);
  for (int i = 0; i < app.tasks_size(); ++i) {
    const std::string task = PathOf(PathOf(PathOf(path, "tasks"), i), "env");
    CheckRequired(spec, name, app.tasks(i).env(), app.env(), task, report);
  }
  CheckTemplateNames(name, app, path, report);
}

}  // namespace davit::spec
