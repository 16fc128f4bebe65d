#ifndef DAVIT_CLIENT_COMMANDS_DEPLOY_PROMOTION_H_
#define DAVIT_CLIENT_COMMANDS_DEPLOY_PROMOTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/spec.pb.h"

namespace davit::commands {

// The release of `app` that is live on all its hosts. NOT_FOUND when none is;
// WRONG_STATE when hosts have different ones, or one that is not well.
absl::StatusOr<v1::Release> LiveReleaseOf(const v1::GetStatusResponse& status,
                                          const std::string& app, const std::string& environment);

// The image of `release`, which is live in `from`, as what `to` is to deploy: by its
// digest, whatever has become of its tag. IMAGE_NOT_FOUND when it is in no registry and
// `to` is not on the one host that has it.
absl::StatusOr<v1::BuiltImage> PromotedImage(const v1::Release& release,
                                             const v1::EnvironmentSpec& from,
                                             const v1::EnvironmentSpec& to);

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_DEPLOY_PROMOTION_H_
