#include "client/commands/secrets/secret_input.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/commands/invocation/bad_input.h"
#include "client/commands/invocation/interrupt.h"

namespace davit::commands {
namespace {

constexpr size_t kMostBytes = size_t{64} << 10;
// Beyond it nothing is read: with a line end of two bytes the value is too long already.
constexpr size_t kMostRead = kMostBytes + 3;
constexpr int kTickMs = 100;

// While it lives, what is typed is not shown. Else the terminal is as it was, also after
// Ctrl-C, which an InterruptScope remembers.
class HiddenInput {
 public:
  explicit HiddenInput(int terminal) : terminal_(terminal) {
    hidden_ = tcgetattr(terminal, &before_) == 0;
    termios without_echo = before_;
    without_echo.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    without_echo.c_lflag |= ECHONL;
    hidden_ = hidden_ && tcsetattr(terminal, TCSAFLUSH, &without_echo) == 0;
  }
  ~HiddenInput() {
    if (hidden_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  bool hidden() const { return hidden_; }

 private:
  const int terminal_;
  termios before_{};
  bool hidden_ = false;
};

absl::Status NotRead(absl::string_view why) {
  return BadInput(absl::StrCat("the value could not be read: ", why),
                  "give it on standard input: davit secrets set NAME < FILE");
}

// Until the end, or with `one_line` until a line is complete.
absl::StatusOr<std::string> ReadAll(int descriptor, bool one_line,
                                    const InterruptScope& interrupt) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < kMostRead && !(one_line && !text.empty() && text.back() == '\n')) {
    if (interrupt.requested()) return NotRead("interrupted; nothing was set");
    pollfd waiting{descriptor, POLLIN, 0};
    if (poll(&waiting, 1, kTickMs) <= 0) continue;
    const ssize_t length = read(descriptor, chunk.data(), chunk.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return NotRead(std::strerror(errno));
    if (length == 0) break;
    text.append(chunk.data(), static_cast<size_t>(length));
  }
  absl::string_view value = text;
  // As Windows and some terminals end a line, too.
  if (absl::ConsumeSuffix(&value, "\n")) absl::ConsumeSuffix(&value, "\r");
  if (absl::Status usable = CheckSecretValue(value); !usable.ok()) return usable;
  return std::string(value);
}

}  // namespace

absl::Status CheckSecretValue(absl::string_view value) {
  if (value.size() > kMostBytes) {
    return BadInput(absl::StrCat("the value has more than ", kMostBytes, " bytes"),
                    "a secret has 64 KiB at most");
  }
  if (value.find_first_not_of(" \t\r\n") != absl::string_view::npos) return absl::OkStatus();
  return BadInput(value.empty() ? "the value is empty" : "the value has nothing but blanks",
                  "give the value on standard input: davit secrets set NAME < FILE");
}

absl::StatusOr<std::string> ReadSecretValue(const Invocation& invocation,
                                            const std::string& prompt) {
  const InterruptScope interrupt;
  const int descriptor = invocation.in_descriptor;
  if (isatty(descriptor) != 1) return ReadAll(descriptor, /*one_line=*/false, interrupt);
  const HiddenInput hidden(descriptor);
  if (!hidden.hidden()) return NotRead("this terminal cannot hide it");
  invocation.err << prompt << std::flush;
  return ReadAll(descriptor, /*one_line=*/true, interrupt);
}

}  // namespace davit::commands
