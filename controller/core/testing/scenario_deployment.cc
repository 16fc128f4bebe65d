// What a scenario's command `deployment` says.
#include "controller/core/testing/scenario.h"
#include "controller/core/testing/scenario_words.h"

namespace davit::core {

std::string Scenario::Deploy(const Words& words) {
  if (!Get(words, "hosts").empty()) deployment_.hosts = List(Get(words, "hosts"));
  if (!Get(words, "apps").empty()) deployment_.apps = List(Get(words, "apps"));
  for (const std::string& pair : List(Get(words, "depends"))) {
    const Words parts = absl::StrSplit(pair, ':');
    deployment_.depends_on[parts.at(0)].push_back(parts.at(1));
  }
  for (const std::string& pair : List(Get(words, "previous"))) {
    const Words parts = absl::StrSplit(pair, ':');
    deployment_.previous[parts.at(0)] = Int(parts.at(1), 0);
  }
  for (const std::string& numbers : List(Get(words, "kept"))) {
    const Words parts = absl::StrSplit(numbers, ':');
    for (size_t i = 1; i < parts.size(); ++i) {
      deployment_.kept[parts[0]].push_back(Int(parts[i], 0));
    }
  }
  deployment_.batch = Int(Get(words, "batch"), 1);
  deployment_.retain = Int(Get(words, "retain"), 5);
  deployment_.automatic = Get(words, "automatic") != "no";
  deployment_.networks = List(Get(words, "networks"));
  deployment_.directories = List(Get(words, "directories"));
  ReadPreparation(words);
  for (const std::string& host : deployment_.hosts) hosts_[host];
  state_ = MakeState(deployment_, now_);
  return "";
}

void Scenario::ReadPreparation(const Words& words) {
  deployment_.files = Has(words, "files");
  deployment_.check_only = Has(words, "check_only");
  deployment_.checks = List(Get(words, "checks"));
  deployment_.ports = List(Get(words, "ports"));
  for (const std::string& pair : List(Get(words, "adopt"))) {
    const Words parts = absl::StrSplit(pair, ':');
    deployment_.adopt[parts.at(0)] = parts.at(1);
  }
  for (const std::string& text : List(Get(words, "databases"))) {
    const Words parts = absl::StrSplit(text, ':');
    deployment_.databases[parts.at(0)] = {parts.begin() + 1, parts.end()};
  }
  for (const std::string& text : List(Get(words, "migrate"))) {
    const Words parts = absl::StrSplit(text, ':');
    deployment_.migrations[parts.at(0)] = {
        .app = parts.at(1), .command = Has(parts, "command"), .backup = !Has(parts, "nobackup")};
  }
  for (const std::string& text : List(Get(words, "tasks"))) {
    const Words parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
    deployment_.tasks[parts.at(0)].push_back(parts.at(1));
  }
  for (const std::string& text : List(Get(words, "others"))) {
    const Words parts = absl::StrSplit(text, ':');
    deployment_.others.push_back(OtherWeb(parts.at(0), Int(parts.at(1), 0), parts.at(2)));
  }
  deployment_.backup = Has(words, "backup");
  deployment_.restore = Get(words, "restore");
  for (const std::string& text : List(Get(words, "back_to"))) {
    const Words parts = absl::StrSplit(text, ':');
    deployment_.back_to[parts.at(0)] = Int(parts.at(1), 0);
  }
  deployment_.changed = List(Get(words, "changed"));
  deployment_.schema = Get(words, "schema");
  for (const std::string& app : List(Get(words, "built"))) {
    const Words parts = absl::StrSplit(app, ':');
    deployment_.built[parts.at(0)] = parts.size() > 1;
  }
}

}  // namespace davit::core
