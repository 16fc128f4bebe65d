#include "client/commands/interrupt.h"

#include <signal.h>

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

}  // namespace

InterruptScope::InterruptScope() {
  interrupted.store(false);
  Handle(Remember);
}

InterruptScope::~InterruptScope() { Handle(SIG_DFL); }

bool InterruptScope::requested() const { return interrupted.load(std::memory_order_relaxed); }

}  // namespace davit::commands
