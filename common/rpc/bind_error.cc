#include "common/rpc/bind_error.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace davit {
namespace {

// Empty when one can listen at `found`.
std::string TryToListen(const addrinfo& found) {
  const int fd = socket(found.ai_family, found.ai_socktype | SOCK_CLOEXEC, found.ai_protocol);
  if (fd < 0) return std::strerror(errno);
  const absl::Cleanup closer = [fd] { close(fd); };
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, found.ai_addr, found.ai_addrlen) != 0 || listen(fd, 1) != 0) {
    return std::strerror(errno);
  }
  return "";
}

std::string TryToListen(const Address& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return gai_strerror(error);
  const absl::Cleanup freer = [found] { freeaddrinfo(found); };
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (std::string reason = TryToListen(*entry); !reason.empty()) return reason;
  }
  return "";
}

}  // namespace

absl::Status WhyNotBound(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) {
    texts.push_back(ToText(address));
    if (address.is_unix) continue;
    if (const std::string reason = TryToListen(address); !reason.empty()) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen at ", ToText(address), ": ", reason));
    }
  }
  return absl::UnavailableError(absl::StrCat("cannot listen at ", absl::StrJoin(texts, ", ")));
}

}  // namespace davit
