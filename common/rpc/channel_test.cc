#include "common/rpc/channel.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/rpc/dial.h"
#include "tests/support/temp_dir.h"

namespace davit {
namespace {

constexpr int kWaitMs = 10'000;

// The first thing that an HTTP/2 server says: an empty SETTINGS frame.
constexpr absl::string_view kSettings("\0\0\0\4\0\0\0\0\0", 9);

int Listen(const std::string& path) {
  const int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const Endpoint at = UnixEndpoint(path);
  EXPECT_EQ(bind(sock, reinterpret_cast<const sockaddr*>(&at.address), at.length), 0);
  EXPECT_EQ(listen(sock, 1), 0);
  return sock;
}

bool HasEvent(int fd, short event, int timeout_ms) {
  pollfd waiting{fd, event, 0};
  return poll(&waiting, 1, timeout_ms) == 1;
}

TEST(Channel, WaitsForAServerThatIsSlowToGreet) {
  const test::TempDir directory;
  const Socket listener(Listen(directory.File("s")));
  const auto channel = MakeChannel(UnixAddress(directory.File("s")));
  channel->GetState(/*try_to_connect=*/true);
  ASSERT_TRUE(HasEvent(listener.fd(), POLLIN, kWaitMs));
  const Socket peer(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_FALSE(HasEvent(peer.fd(), POLLRDHUP, 300)) << "the channel has given up";
  ASSERT_EQ(send(peer.fd(), kSettings.data(), kSettings.size(), MSG_NOSIGNAL), 9);
  EXPECT_TRUE(
      channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Milliseconds(kWaitMs))));
}

}  // namespace
}  // namespace davit
