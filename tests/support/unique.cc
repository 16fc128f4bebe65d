#include "tests/support/unique.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/id.h"

namespace davit::test {
namespace {

constexpr int kFirstPort = 20000;
constexpr int kLastPort = 32000;

// Held until the process ends: the file stays open.
bool Reserve(int port) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / absl::StrCat("davit-test-ports-", getuid());
  std::filesystem::create_directories(directory);
  const int file =
      open((directory / std::to_string(port)).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return false;
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return true;
  close(file);
  return false;
}

bool CanListen(int port) {
  const int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool free = bind(sock, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(sock);
  return free;
}

}  // namespace

std::string UniqueName(absl::string_view prefix) {
  return absl::StrCat(prefix, "-", NewRandomId().substr(0, 12));
}

int FreePort() {
  std::random_device random;
  std::uniform_int_distribution<int> ports(kFirstPort, kLastPort);
  for (int i = 0; i < 1000; ++i) {
    const int port = ports(random);
    if (CanListen(port) && Reserve(port)) return port;
  }
  std::cerr << "no free port" << std::endl;
  std::abort();
}

}  // namespace davit::test
