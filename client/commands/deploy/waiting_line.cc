#include "client/commands/deploy/waiting_line.h"

#include <utility>

namespace davit::commands {

WaitingLine::WaitingLine(absl::Duration patience, std::function<void()> tell,
                         absl::Duration interval)
    : thread_([this, patience, interval, tell = std::move(tell)] {
        for (absl::Duration wait = patience; !over_.WaitForNotificationWithTimeout(wait);
             wait = interval) {
          tell();
        }
      }) {}

WaitingLine::~WaitingLine() {
  over_.Notify();
  thread_.join();
}

}  // namespace davit::commands
