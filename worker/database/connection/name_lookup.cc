#include "worker/database/connection/name_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "worker/database/connection/connect_reason.h"

namespace davit::database {
namespace {

constexpr absl::Duration kLookAtLookupCall = absl::Milliseconds(20);

// Shared with the thread that asks, which may be left behind.
struct Lookup {
  std::string name;
  int error = 0;  // EAI_*
  std::vector<std::string> addresses;
  absl::Notification done;
};

void AddAddress(const addrinfo& entry, std::vector<std::string>& addresses) {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(entry.ai_addr, entry.ai_addrlen, text.data(), text.size(), nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return;
  }
  if (std::find(addresses.begin(), addresses.end(), text.data()) == addresses.end()) {
    addresses.emplace_back(text.data());
  }
}

void Ask(Lookup& lookup) {
  const addrinfo hints{.ai_socktype = SOCK_STREAM};
  addrinfo* entries = nullptr;
  lookup.error = getaddrinfo(lookup.name.c_str(), nullptr, &hints, &entries);
  for (const addrinfo* entry = entries; entry != nullptr; entry = entry->ai_next) {
    AddAddress(*entry, lookup.addresses);
  }
  if (entries != nullptr) freeaddrinfo(entries);
  lookup.done.Notify();
}

absl::Status NotFound(const std::string& name, absl::string_view why) {
  return ConnectStatus(
      ConnectReason::kNameNotFound,
      absl::StrCat("could not translate host name \"", name, "\" to address: ", why));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> LookUpName(const std::string& name, absl::Duration timeout,
                                                    const Call& call) {
  const auto lookup = std::make_shared<Lookup>();
  lookup->name = name;
  std::thread([lookup] { Ask(*lookup); }).detach();
  const Call limited = call.Within(timeout);
  while (!lookup->done.WaitForNotificationWithTimeout(kLookAtLookupCall)) {
    if (const absl::Status ended = call.Check(); !ended.ok()) return ended;
    if (!limited.Check().ok()) return NotFound(name, "the name service does not answer");
  }
  if (lookup->error != 0) return NotFound(name, gai_strerror(lookup->error));
  if (lookup->addresses.empty()) return NotFound(name, "it has no address");
  return lookup->addresses;
}

}  // namespace davit::database
