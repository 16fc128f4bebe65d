#include "controller/executor/url_likeness.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "controller/executor/database_place.h"

namespace davit::executor {
namespace {

// Both as one container sees them.
DatabasePlace SeenAlike(const std::string& url) { return PlaceOf(url, "host", {"network"}); }

std::string Differences(const DatabasePlace& one, const DatabasePlace& other) {
  std::vector<std::string> parts;
  if (one.server != other.server) parts.emplace_back("server");
  if (one.port != other.port) parts.emplace_back("port");
  if (one.database != other.database) parts.emplace_back("name of the database");
  return absl::StrJoin(parts, ", ");
}

}  // namespace

std::optional<UrlLikeness> CompareUrls(SecretSource& secrets, const std::string& project,
                                       const worker::v1::SecretUse& one,
                                       const worker::v1::SecretUse& other) {
  const auto url = secrets.Value(project, one);
  const auto other_url = secrets.Value(project, other);
  if (!url.ok() || !other_url.ok() || *url == *other_url) return std::nullopt;
  const DatabasePlace place = SeenAlike(*url);
  const DatabasePlace other_place = SeenAlike(*other_url);
  if (place.server.empty() || other_place.server.empty()) return UrlLikeness{};
  if (AreSame(place, other_place)) return UrlLikeness{.place = UrlLikeness::Place::kSame};
  return UrlLikeness{.place = UrlLikeness::Place::kOther,
                     .differences = Differences(place, other_place)};
}

}  // namespace davit::executor
