#ifndef DAVIT_WORKER_STEPS_HOST_PROC_NET_H_
#define DAVIT_WORKER_STEPS_HOST_PROC_NET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace davit::steps {

// A socket that waits for connections (or datagrams).
struct ListeningSocket {
  std::string address;  // 0.0.0.0, 127.0.0.1, ::, …
  int port = 0;
  uint64_t inode = 0;

  // "0.0.0.0:80", "[::]:80".
  std::string ToString() const;
};

// The listening sockets in the text of /proc/PID/net/{tcp,tcp6,udp,udp6}. Lines
// that make no sense are left out.
std::vector<ListeningSocket> ParseProcNet(absl::string_view text);

// Those of the network of process `pid` ("self" for our own), protocol tcp or udp.
std::vector<ListeningSocket> ListeningSockets(const std::string& pid, absl::string_view protocol);

// A process of this machine.
struct ProcessName {
  int pid = 0;
  std::string name;
};

// Who holds the socket; nullopt when nobody does or we may not see it.
std::optional<ProcessName> FindSocketOwner(uint64_t inode);

// A process of the container, found by its cgroup; nullopt when there is none, or
// when processes of containers cannot be seen from here.
std::optional<int> FindContainerProcess(absl::string_view container_id);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_HOST_PROC_NET_H_
