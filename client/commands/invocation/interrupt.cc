#include "client/commands/invocation/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace davit::commands {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void Remember(int) { interrupted.store(true, std::memory_order_relaxed); }

void Handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
}

void HandleSuspend(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_NODEFER | SA_RESETHAND | SA_RESTART);
  sigaction(SIGTSTP, &action, nullptr);
}

// The shell gets a visible cursor; the next redraw hides it again.
void Suspend(int) {
  constexpr char kShowCursor[] = "\x1b[?25h";
  static_cast<void>(!write(STDERR_FILENO, kShowCursor, sizeof(kShowCursor) - 1));
  raise(SIGTSTP);  // SA_RESETHAND: it stops the process now
  HandleSuspend(Suspend);
}

}  // namespace

InterruptScope::InterruptScope() {
  interrupted.store(false);
  Handle(Remember);
  if (isatty(STDERR_FILENO) == 1) HandleSuspend(Suspend);
}

InterruptScope::~InterruptScope() {
  Handle(SIG_DFL);
  HandleSuspend(SIG_DFL);
}

bool InterruptScope::requested() const { return interrupted.load(std::memory_order_relaxed); }

}  // namespace davit::commands
