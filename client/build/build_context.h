#ifndef DAVIT_CLIENT_BUILD_BUILD_CONTEXT_H_
#define DAVIT_CLIENT_BUILD_BUILD_CONTEXT_H_

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/build/ignore_rules.h"

namespace davit::build {

// A folder that is sent to a builder: what of it, and how.
class BuildContext {
 public:
  // Reads the folder's ignore file: DOCKERFILE.dockerignore where there is one, else
  // .dockerignore, else everything is sent. `dockerfile` is relative to `directory`.
  // SPEC_INVALID when there is no such folder or Dockerfile, when the Dockerfile lies
  // outside, or when the ignore file cannot be understood.
  static absl::StatusOr<BuildContext> Open(std::string directory, std::string dockerfile);

  // Calls `sink` with pieces of a tar, compressed with gzip, of at most kPieceBytes,
  // until it returns false: then CANCELLED. Nothing is kept of a piece. The same
  // folder gives the same bytes: order by name, root as owner; modes and times of
  // change are the files'. Links are sent as links, also hard ones; the Dockerfile is
  // always sent. `note` hears what cannot be sent (sockets, pipes, devices).
  // SPEC_INVALID when something cannot be read or changes meanwhile.
  absl::Status Send(absl::FunctionRef<bool(absl::string_view)> sink,
                    absl::FunctionRef<void(const std::string&)> note) const;

  // Pieces are so small that several of them may wait, and go through any gRPC.
  static constexpr size_t kPieceBytes = 256 << 10;

  const std::string& dockerfile() const { return dockerfile_; }  // cleaned

 private:
  BuildContext(std::string directory, std::string dockerfile, IgnoreRules rules)
      : directory_(std::move(directory)),
        dockerfile_(std::move(dockerfile)),
        rules_(std::move(rules)) {}

  std::string directory_;
  std::string dockerfile_;
  IgnoreRules rules_;
};

}  // namespace davit::build

#endif  // DAVIT_CLIENT_BUILD_BUILD_CONTEXT_H_
