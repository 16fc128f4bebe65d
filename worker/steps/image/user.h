#ifndef DAVIT_WORKER_STEPS_IMAGE_USER_H_
#define DAVIT_WORKER_STEPS_IMAGE_USER_H_

#include <sys/types.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/call.h"
#include "worker/docker/engine.h"

namespace davit::steps {

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;

  bool operator==(const Owner&) const = default;
};

// "1000" or "1000:1000", as `owner` writes it. Without a group: the group of the
// same number.
absl::StatusOr<Owner> ParseOwner(absl::string_view text);

// What USER means by an image's /etc/passwd and /etc/group, as Docker reads them:
// "", "app", "1000", "app:staff", "1000:1000".
absl::StatusOr<Owner> ResolveUser(absl::string_view user, absl::string_view passwd,
                                  absl::string_view group);

// As whom a container of `image` runs; `user` replaces the image's USER unless
// it is empty. `reader` as in Engine::ReadImageFile.
absl::StatusOr<Owner> ImageUser(docker::Engine& engine, absl::string_view image,
                                absl::string_view user, absl::string_view reader, const Call& call);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_IMAGE_USER_H_
