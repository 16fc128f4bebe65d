#include "client/commands/waiting_line.h"

#include <utility>

namespace davit::commands {

WaitingLine::WaitingLine(absl::Duration patience, std::function<void()> tell)
    : thread_([this, patience, tell = std::move(tell)] {
        if (!over_.WaitForNotificationWithTimeout(patience)) tell();
      }) {}

WaitingLine::~WaitingLine() {
  over_.Notify();
  thread_.join();
}

}  // namespace davit::commands
