// Writes environment files for the tests: reads [{"format": …, "env": {…}}, …]
// from standard input and answers with [{"file": …} or {"refused": …}, …].
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "common/env_file/env_file.h"

int main() {
  nlohmann::json answers = nlohmann::json::array();
  for (const nlohmann::json& wanted : nlohmann::json::parse(std::cin)) {
    const auto file =
        davit::WriteEnvFile(wanted.at("format").get<std::string>(),
                            wanted.at("env").get<std::map<std::string, std::string>>());
    if (file.ok()) {
      answers.push_back({{"file", *file}});
    } else {
      answers.push_back({{"refused", std::string(file.status().message())}});
    }
  }
  std::cout << answers.dump() << '\n';
}
