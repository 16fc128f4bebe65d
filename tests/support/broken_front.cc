#include "tests/support/broken_front.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <limits>

#include "absl/strings/str_cat.h"

namespace davit::test {
namespace {

constexpr int kFrontBacklog = 100;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

void Insist(bool done, const char* what) {
  if (done) return;
  std::cerr << "the broken front cannot " << what << std::endl;
  std::abort();
}

bool SendAll(int to, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(to, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace

BrokenFront::BrokenFront(int port_behind, size_t answer_bytes, Manner manner)
    : port_behind_(port_behind), answer_bytes_(answer_bytes), manner_(manner) {
  Insist(pipe(end_) == 0, "make a pipe");
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  Insist(bind(listener_, any, size) == 0 && listen(listener_, kFrontBacklog) == 0, "listen");
  Insist(getsockname(listener_, any, &size) == 0, "tell its port");
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  accepting_ = std::thread([this] { Accept(); });
}

BrokenFront::~BrokenFront() {
  close(end_[1]);
  accepting_.join();
  close(listener_);
  close(end_[0]);
}

void BrokenFront::Accept() {
  pollfd events[] = {{listener_, POLLIN, 0}, {end_[0], POLLIN, 0}};
  while (poll(events, 2, -1) > 0 && events[1].revents == 0) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) connections_.emplace_back([this, client] { Serve(client); });
  }
  for (std::thread& connection : connections_) connection.join();
}

void BrokenFront::Serve(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port_behind_);
  size_t asked = 0, answered = 0;
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  pollfd events[] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {end_[0], POLLIN, 0}};
  while (open && poll(events, 3, -1) > 0 && events[2].revents == 0) {
    if (events[0].revents != 0) {
      open = Pass(client, server, std::numeric_limits<size_t>::max(), asked);
    }
    if (open && events[1].revents != 0) open = Pass(server, client, answer_bytes_, answered);
    if (answered < answer_bytes_) continue;
    if (manner_ == Manner::kBreaksOff) break;
    events[1].fd = -1;  // poll leaves it out
  }
  close(server);
  close(client);
}

bool BrokenFront::Pass(int from, int to, size_t limit, size_t& passed) const {
  char buffer[16 << 10];
  const ssize_t read = recv(from, buffer, sizeof(buffer), 0);
  if (read <= 0) return false;
  const size_t size = std::min(static_cast<size_t>(read), limit - passed);
  passed += size;
  return SendAll(to, buffer, size);
}

}  // namespace davit::test
