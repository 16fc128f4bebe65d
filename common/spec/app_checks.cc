#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/spec/checks.h"
#include "common/spec/image_reference.h"

namespace davit::spec {
namespace {

constexpr int64_t kLongestSeconds = int64_t{24} * 60 * 60;

// "200-399,404" has the right form already; its ranges may be the wrong way round.
void CheckStatus(const v1::HttpProbe& probe, const std::string& path, const Report& report) {
  for (absl::string_view range : absl::StrSplit(probe.status(), ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(range, absl::MaxSplits('-', 1));
    if (!ends.second.empty() && ends.second < ends.first) {
      report({PathOf(path, "status"), "a range of `status` ends before it begins"});
      return;
    }
  }
}

void CheckImage(const v1::App& app, const std::string& path, const Report& report) {
  if (app.image().empty()) {
    report({PathOf(path, "image"), "`image` is required", /*at_key=*/true});
    return;
  }
  const auto reference = ParseImageReference(app.image());
  if (reference.ok()) return;
  report({PathOf(path, "image"),
          absl::StrCat("`image` is no image reference: ", reference.status().message())});
}

}  // namespace

void CheckDuration(const google::protobuf::Duration& value, absl::string_view name, Zero zero,
                   const std::string& parent, const Report& report) {
  const bool negative = value.seconds() < 0 || value.nanos() < 0;
  const bool is_zero = value.seconds() == 0 && value.nanos() == 0;
  const std::string path = PathOf(parent, name);
  if (negative && zero == Zero::kAllowed) {
    report({path, absl::StrCat("`", name, "` must not be negative")});
  } else if (negative || (is_zero && zero == Zero::kRefused)) {
    report({path, absl::StrCat("`", name, "` must be more than 0")});
  } else if (value.seconds() >= kLongestSeconds) {
    report({path, absl::StrCat("`", name, "` must be less than 24h")});
  }
}

void CheckHealthcheck(const v1::Healthcheck& check, const std::string& path, const Report& report) {
  CheckDuration(check.start_delay(), "start_delay", Zero::kAllowed, path, report);
  CheckDuration(check.interval(), "interval", Zero::kRefused, path, report);
  CheckDuration(check.timeout(), "timeout", Zero::kRefused, path, report);
  if (check.has_http()) CheckStatus(check.http(), PathOf(path, "http"), report);
}

void CheckApp(const v1::App& app, const std::string& path, const Report& report) {
  CheckImage(app, path, report);
  const std::string container = PathOf(path, "container");
  CheckDuration(app.container().stop_grace_period(), "stop_grace_period", Zero::kAllowed, container,
                report);
  CheckContainer(app.container(), container, report);
  CheckMounts(app.container(), container, report);
  CheckEnv(app, path, report);
  CheckFiles(app, path, report);
  CheckChecks(app, path, report);
  CheckTasks(app, path, report);
  if (app.has_build()) CheckBuild(app.build(), PathOf(path, "build"), report);
  if (app.has_healthcheck()) {
    CheckHealthcheck(app.healthcheck(), PathOf(path, "healthcheck"), report);
  }
}

}  // namespace davit::spec
