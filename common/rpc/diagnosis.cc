#include "common/rpc/diagnosis.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/rpc/dial.h"
#include "common/tls/handshake.h"

namespace davit {
namespace {

using Facts = std::vector<std::string>;

std::string WhyNotConnected(const std::string& where, int error) {
  switch (error) {
    case ECONNREFUSED:
      return absl::StrCat(where, " refuses connections: nothing listens there");
    case ETIMEDOUT:
      return absl::StrCat(where,
                          " does not answer: the host is down, or a firewall drops what is sent");
    case EHOSTUNREACH:
    case ENETUNREACH:
      return absl::StrCat("there is no route to ", where, " (", std::strerror(error), ")");
    default:
      return absl::StrCat("cannot connect to ", where, ": ", std::strerror(error));
  }
}

std::string Access(const struct stat& found) {
  return absl::StrFormat("owner %d, group %d, mode %04o; this process has user id %d", found.st_uid,
                         found.st_gid, found.st_mode & 07777, geteuid());
}

Facts WhyNoSocket(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
      return {absl::StrCat("there is no socket ", path,
                           ": its program is not running, or listens elsewhere")};
    case EACCES:
      return {absl::StrCat("this process may not look at ", path)};
    default:
      return {absl::StrCat("cannot look at ", path, ": ", std::strerror(error))};
  }
}

Facts DiagnoseUnix(const std::string& path, absl::Time deadline) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return {absl::StrCat(path, " is too long for a socket: 107 bytes are the most")};
  }
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return WhyNoSocket(path, errno);
  if (!S_ISSOCK(found.st_mode)) return {absl::StrCat(path, " is not a socket")};
  const int error = Dial(UnixEndpoint(path), deadline).error;
  switch (error) {
    case 0:
      return {};
    case ECONNREFUSED:
      return {absl::StrCat("nothing listens at ", path, " any more: its program has ended")};
    case EACCES:
      return {
          absl::StrCat("this process may not connect to the socket ", path, ": ", Access(found))};
    case EAGAIN:
      return {absl::StrCat(path, " has too many callers waiting: its program hangs")};
    default:
      return {absl::StrCat("cannot connect to ", path, ": ", std::strerror(error))};
  }
}

// A share of the time for each address that is left, and one for the handshake.
absl::Time ShareOf(absl::Time deadline, size_t left) {
  const absl::Time now = absl::Now();
  return now + (deadline - now) / static_cast<int64_t>(left + 1);
}

}  // namespace

std::vector<std::string> WhyUnreachable(const Address& address,
                                        const std::optional<TlsIdentity>& tls,
                                        const std::string& peer_name, absl::Time deadline) {
  if (address.is_unix) return DiagnoseUnix(address.path, deadline);
  const auto endpoints = Resolve(address.host, address.port, deadline);
  if (!endpoints.ok()) return {std::string(endpoints.status().message())};
  Facts facts;
  size_t left = endpoints->size();
  for (const Endpoint& endpoint : *endpoints) {
    const Dialled dialled = Dial(endpoint, ShareOf(deadline, left--));
    if (dialled.error != 0) {
      facts.push_back(WhyNotConnected(endpoint.text, dialled.error));
      continue;
    }
    if (!tls) {
      return {absl::StrCat("no certificate is given, and ", endpoint.text,
                           " is spoken to with one only")};
    }
    return tls::FaultsOfHandshake({.fd = dialled.socket.fd(),
                                   .where = endpoint.text,
                                   .name = peer_name.empty() ? address.host : peer_name},
                                  *tls, deadline);
  }
  return facts;
}

}  // namespace davit
