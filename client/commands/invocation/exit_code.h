#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_EXIT_CODE_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_EXIT_CODE_H_

#include "absl/status/status.h"
#include "davit/v1/deployment.pb.h"

namespace davit::commands {

// Exit codes are part of what users build on; they never change their meaning.
inline constexpr int kLive = 0;            // the new release is live and healthy
inline constexpr int kFailed = 1;          // failed, nothing had been changed
inline constexpr int kBadInput = 2;        // davit.yaml or an argument is wrong
inline constexpr int kRolledBack = 3;      // failed, the old release is back
inline constexpr int kNeedsAttention = 4;  // a human is needed
inline constexpr int kLockHeld = 5;        // another deployment holds the lock
inline constexpr int kUnreachable = 6;     // controller or host do not answer, or not us
inline constexpr int kCancelled = 7;       // a user cancelled
inline constexpr int kWatchingEnded = 8;   // the deployment goes on
inline constexpr int kChanges = 10;        // plan --detailed-exitcode: something would change

// Of a deployment that has ended.
int ExitCodeOf(const v1::Deployment& deployment);
// Of a command that failed.
int ExitCodeOf(const absl::Status& error);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_EXIT_CODE_H_
