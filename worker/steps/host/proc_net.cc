#include "worker/steps/host/proc_net.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::steps {
namespace {

// include/net/tcp_states.h; a UDP socket without a peer is in state CLOSE.
constexpr absl::string_view kTcpListen = "0A";
constexpr absl::string_view kUdpUnconnected = "07";

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The kernel prints each 32-bit word of an address as it lies in memory.
std::optional<std::string> ParseAddress(absl::string_view hex) {
  if (hex.size() != 8 && hex.size() != 32) return std::nullopt;
  uint32_t words[4] = {};
  for (size_t i = 0; i < hex.size() / 8; ++i) {
    if (!absl::SimpleHexAtoi(hex.substr(8 * i, 8), &words[i])) return std::nullopt;
  }
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(hex.size() == 8 ? AF_INET : AF_INET6, words, text, sizeof(text)) == nullptr) {
    return std::nullopt;
  }
  return text;
}

std::optional<ListeningSocket> ParseLine(absl::string_view line) {
  const std::vector<absl::string_view> fields =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() < 10) return std::nullopt;
  if (fields[3] != kTcpListen && fields[3] != kUdpUnconnected) return std::nullopt;
  const std::vector<absl::string_view> local = absl::StrSplit(fields[1], ':');
  if (local.size() != 2) return std::nullopt;
  const auto address = ParseAddress(local[0]);
  ListeningSocket socket;
  if (!address.has_value() || !absl::SimpleHexAtoi(local[1], &socket.port) ||
      !absl::SimpleAtoi(fields[9], &socket.inode)) {
    return std::nullopt;
  }
  socket.address = *address;
  return socket;
}

bool IsPid(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

// Calls visit(directory of the process) for each, until it returns true.
template <typename Visit>
void VisitProcesses(Visit visit) {
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    if (IsPid(it->path().filename().native()) && visit(it->path())) return;
  }
}

bool HoldsSocket(const std::filesystem::path& process, const std::string& link) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(process / "fd", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code unreadable;
    if (std::filesystem::read_symlink(it->path(), unreadable).native() == link) return true;
  }
  return false;
}

int PidOf(const std::filesystem::path& process) { return std::atoi(process.filename().c_str()); }

}  // namespace

std::string ListeningSocket::ToString() const {
  const bool v6 = absl::StrContains(address, ':');
  return absl::StrCat(v6 ? "[" : "", address, v6 ? "]" : "", ":", port);
}

std::vector<ListeningSocket> ParseProcNet(absl::string_view text) {
  std::vector<ListeningSocket> sockets;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (auto socket = ParseLine(line)) sockets.push_back(*std::move(socket));
  }
  return sockets;
}

std::vector<ListeningSocket> ListeningSockets(const std::string& pid, absl::string_view protocol) {
  const std::string base = absl::StrCat("/proc/", pid, "/net/", protocol);
  std::vector<ListeningSocket> sockets = ParseProcNet(ReadFile(base));
  for (ListeningSocket& socket : ParseProcNet(ReadFile(base + "6"))) {
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

std::optional<ProcessName> FindSocketOwner(uint64_t inode) {
  const std::string link = absl::StrCat("socket:[", inode, "]");
  std::optional<ProcessName> owner;
  VisitProcesses([&](const std::filesystem::path& process) {
    if (!HoldsSocket(process, link)) return false;
    const std::string name = ReadFile(process / "comm");
    owner = ProcessName{PidOf(process), std::string(absl::StripAsciiWhitespace(name))};
    return true;
  });
  return owner;
}

std::optional<int> FindContainerProcess(absl::string_view container_id) {
  if (container_id.empty()) return std::nullopt;
  std::optional<int> pid;
  VisitProcesses([&](const std::filesystem::path& process) {
    if (!absl::StrContains(ReadFile(process / "cgroup"), container_id)) return false;
    pid = PidOf(process);
    return true;
  });
  return pid;
}

}  // namespace davit::steps
