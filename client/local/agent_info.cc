#include "client/local/agent_info.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file_lock.h"

namespace davit::local {
namespace {

std::vector<int> VersionNumbers(const std::string& version) {
  std::vector<int> numbers;
  for (absl::string_view part : absl::StrSplit(version, absl::ByAnyChar(".-+"))) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number)) break;
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

absl::Status WriteAgentInfo(const AgentPaths& paths, const AgentInfo& info) {
  const std::string temporary = absl::StrCat(paths.info(), ".new");
  {
    std::ofstream out(temporary, std::ios::trunc);
    out << nlohmann::json{{"version", info.version},
                          {"pid", info.pid},
                          {"docker_socket", info.docker_socket}}
               .dump()
        << "\n";
    if (!out.flush()) return absl::InternalError(absl::StrCat("cannot write ", temporary));
  }
  if (std::rename(temporary.c_str(), paths.info().c_str()) != 0) {
    return absl::InternalError(absl::StrCat("cannot write ", paths.info()));
  }
  return absl::OkStatus();
}

std::optional<AgentInfo> ReadAgentInfo(const AgentPaths& paths) {
  std::ifstream in(paths.info());
  const auto json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto text = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  AgentInfo info{.version = text("version"), .docker_socket = text("docker_socket")};
  if (json.contains("pid") && json["pid"].is_number_integer()) info.pid = json["pid"].get<pid_t>();
  if (info.pid <= 0) return std::nullopt;
  return info;
}

std::optional<AgentInfo> RunningAgent(const AgentPaths& paths) {
  if (!FileLock::IsHeld(paths.lock())) return std::nullopt;
  return ReadAgentInfo(paths);
}

bool IsOlderVersion(const std::string& a, const std::string& b) {
  return VersionNumbers(a) < VersionNumbers(b);
}

}  // namespace davit::local
