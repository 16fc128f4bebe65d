#ifndef DAVIT_CLIENT_COMMANDS_DEPLOY_WAITING_LINE_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOY_WAITING_LINE_H_

#include <functional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace davit::commands {

// Calls `tell`, on a thread of its own, if it still lives after `patience`, and again
// each time after `interval`: a call that takes long should not look like one that hangs.
// Its end waits for `tell`.
class WaitingLine {
 public:
  WaitingLine(absl::Duration patience, std::function<void()> tell,
              absl::Duration interval = absl::InfiniteDuration());
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

 private:
  absl::Notification over_;
  std::thread thread_;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOY_WAITING_LINE_H_
