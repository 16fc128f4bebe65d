#include "worker/steps/image/platform.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"

namespace davit::steps {
namespace {

absl::Status WrongPlatform(absl::string_view reference, absl::string_view found,
                           const docker::EngineInfo& engine) {
  return FailureStatus(v1::IMAGE_WRONG_PLATFORM,
                       absl::StrCat(reference, " is for ", found, ", and this host is ", engine.os,
                                    "/", engine.architecture),
                       {absl::StrCat("image: ", found),
                        absl::StrCat("host: ", engine.os, "/", engine.architecture)});
}

// "linux/arm/v7" fits a host of linux/arm: variants are Docker's to choose.
bool Fits(absl::string_view platform, const docker::EngineInfo& engine) {
  const std::vector<absl::string_view> parts = absl::StrSplit(platform, '/');
  return parts.size() >= 2 && parts[0] == engine.os && parts[1] == engine.architecture;
}

std::string Spelling(absl::string_view repository) {
  for (const absl::string_view prefix : {"docker.io/", "index.docker.io/"}) {
    if (absl::ConsumePrefix(&repository, prefix)) break;
  }
  absl::ConsumePrefix(&repository, "library/");
  return std::string(repository);
}

}  // namespace

absl::Status CheckPlatform(absl::string_view reference, const docker::ImageDetails& image,
                           const docker::EngineInfo& engine) {
  const bool os_fits = image.os.empty() || image.os == engine.os;
  const bool fits = image.architecture.empty() || image.architecture == engine.architecture;
  if (os_fits && fits) return absl::OkStatus();
  return WrongPlatform(reference, absl::StrCat(image.os, "/", image.architecture), engine);
}

absl::Status CheckPlatforms(absl::string_view reference, const std::vector<std::string>& platforms,
                            const docker::EngineInfo& engine) {
  if (platforms.empty()) return absl::OkStatus();
  for (const std::string& platform : platforms) {
    if (Fits(platform, engine)) return absl::OkStatus();
  }
  return WrongPlatform(reference, absl::StrJoin(platforms, ", "), engine);
}

std::string RepositoryOf(absl::string_view reference) {
  const auto parsed = spec::ParseImageReference(reference);
  return parsed.ok() ? parsed->Name() : std::string(reference);
}

std::string FindDigest(absl::string_view reference, const std::vector<std::string>& digests) {
  const std::string wanted = Spelling(RepositoryOf(reference));
  for (const std::string& digest : digests) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(digest, absl::MaxSplits('@', 1));
    if (Spelling(parts.first) == wanted) return digest;
  }
  return "";
}

}  // namespace davit::steps
