#ifndef DAVIT_CLIENT_COMMANDS_ROLLBACK_ROLLBACK_REQUEST_H_
#define DAVIT_CLIENT_COMMANDS_ROLLBACK_ROLLBACK_REQUEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/commands/invocation/invocation.h"
#include "davit/v1/deployment_service.pb.h"

namespace davit::commands {

// What `davit rollback` was told to go back to.
struct RollbackWish {
  std::vector<std::string> apps;  // or a release's number; empty: all that have an earlier release
  std::vector<std::string> to;    // RELEASE, or APP=RELEASE
  std::string schema;             // one of SchemaWords(); empty: not chosen
};

// What can become of databases: keep, command, restore.
std::vector<std::string> SchemaWords();

// From "7" or "v7". SPEC_INVALID for anything else.
absl::StatusOr<int64_t> ParseRelease(absl::string_view text);

// The request for it, of davit.yaml's environment. SPEC_INVALID for an app or a number that is
// none, and those of ReadRequest().
absl::StatusOr<v1::DeploymentRequest> RollbackRequestFor(const Invocation& invocation,
                                                         RollbackWish wish);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_ROLLBACK_ROLLBACK_REQUEST_H_
