#include "client/commands/deploy/promotion.h"

#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "common/spec/image_reference.h"

namespace davit::commands {
namespace {

absl::Status NothingLive(const std::string& app, const std::string& environment) {
  v1::Failure failure =
      MakeFailure(v1::NOT_FOUND, absl::StrCat("no release of ", app, " is live in ", environment));
  failure.set_next_command(absl::StrCat("davit deploy ", app, " -e ", environment));
  return FailureStatus(failure);
}

absl::Status NotOneRelease(const std::string& app, const std::string& environment,
                           std::vector<std::string> evidence) {
  v1::Failure failure =
      MakeFailure(v1::WRONG_STATE,
                  absl::StrCat(app, " is not one healthy release on all hosts of ", environment),
                  std::move(evidence));
  failure.set_next_command(absl::StrCat(
      "deploy it to ", environment, " again; or deploy the image that you mean, with `--image`"));
  return FailureStatus(failure);
}

absl::Status InNoRegistry(const v1::Release& release, const v1::EnvironmentSpec& from,
                          const v1::EnvironmentSpec& to) {
  v1::Failure failure =
      MakeFailure(v1::IMAGE_NOT_FOUND,
                  absl::StrCat("the image of ", release.app(), " v", release.number(),
                               " is in no registry: it cannot go from ", from.environment(), " to ",
                               to.environment()),
                  {absl::StrCat("image ", release.image_reference(), " (", release.image_id(), ")"),
                   absl::StrCat(from.environment(), " is on ", absl::StrJoin(from.hosts(), ", "),
                                ", ", to.environment(), " on ", absl::StrJoin(to.hosts(), ", "))});
  failure.set_likely_cause("it was built on the host and not pushed");
  failure.set_next_command("push it to a registry, deploy it from there, then promote it");
  return FailureStatus(failure);
}

bool AreOnOneHost(const v1::EnvironmentSpec& from, const v1::EnvironmentSpec& to) {
  return from.hosts_size() == 1 && to.hosts_size() == 1 && from.hosts(0) == to.hosts(0);
}

std::vector<std::string> DigestsOf(const v1::Release& release) {
  std::set<std::string> digests(release.image_digests().begin(), release.image_digests().end());
  if (!release.image_digest().empty()) digests.insert(release.image_digest());
  return {digests.begin(), digests.end()};
}

// The name that the release goes by: in the repository that `app` names, where that has
// the image too, else the one that it had.
std::string ReferenceFor(const v1::Release& release, const std::vector<std::string>& digests,
                         const v1::App& app) {
  const auto wanted = spec::ParseImageReference(app.image());
  const auto had = spec::ParseImageReference(release.image_reference());
  if (!wanted.ok() || !had.ok()) return release.image_reference();
  for (const std::string& digest : digests) {
    if (!absl::StartsWith(digest, absl::StrCat(wanted->Name(), "@"))) continue;
    return had->tag.empty() ? digest : absl::StrCat(wanted->Name(), ":", had->tag);
  }
  return release.image_reference();
}

}  // namespace

absl::StatusOr<v1::Release> LiveReleaseOf(const v1::GetStatusResponse& status,
                                          const std::string& app, const std::string& environment) {
  const v1::Release* found = nullptr;
  bool same = true;
  std::vector<std::string> rows;
  for (const v1::AppStatus& row : status.apps()) {
    if (row.app() != app || !row.has_release()) continue;
    same = same && row.problem().empty() &&
           (found == nullptr || found->number() == row.release().number());
    found = &row.release();
    rows.push_back(absl::StrCat("v", row.release().number(), " on ", row.host(),
                                row.problem().empty() ? "" : ": ", row.problem()));
  }
  if (found == nullptr) return NothingLive(app, environment);
  if (!same) return NotOneRelease(app, environment, std::move(rows));
  return *found;
}

absl::StatusOr<v1::BuiltImage> PromotedImage(const v1::Release& release,
                                             const v1::EnvironmentSpec& from,
                                             const v1::EnvironmentSpec& to) {
  const std::vector<std::string> digests = DigestsOf(release);
  if (digests.empty() && !AreOnOneHost(from, to)) return InNoRegistry(release, from, to);
  v1::BuiltImage image;
  image.set_reference(ReferenceFor(release, digests, to.apps().at(release.app())));
  image.set_image_id(release.image_id());
  *image.mutable_digests() = {digests.begin(), digests.end()};
  return image;
}

}  // namespace davit::commands
