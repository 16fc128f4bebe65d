#include "worker/steps/image/known_image.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::steps {

void SetDigests(const std::vector<std::string>& known, worker::v1::ResolvedImage& image) {
  std::set<std::string> digests(known.begin(), known.end());
  if (!image.digest().empty()) digests.insert(image.digest());
  *image.mutable_digests() = {digests.begin(), digests.end()};
}

absl::Status NotOnThisHost(const std::string& reference, const std::string& image_id) {
  v1::Failure failure = MakeFailure(
      v1::IMAGE_NOT_FOUND, absl::StrCat(reference, " is in no registry, and not on this host"),
      {absl::StrCat("image id: ", image_id)});
  failure.set_likely_cause("it was built on another machine and not pushed, or was removed here");
  failure.set_next_command("push it to a registry, or build it on this host");
  return FailureStatus(failure);
}

}  // namespace davit::steps
