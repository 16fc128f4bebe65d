#include "client/output/schema_summary.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/output/database_text.h"

namespace davit::output {
namespace {

template <typename IsWanted>
bool HasBegun(const v1::Deployment& deployment, const IsWanted& is_wanted) {
  return std::any_of(deployment.steps().begin(), deployment.steps().end(),
                     [&](const v1::Step& step) { return step.attempt() > 0 && is_wanted(step); });
}

bool IsMigrated(const v1::Deployment& deployment) {
  return HasBegun(deployment,
                  [](const v1::Step& step) { return step.kind() == "migrate_database"; });
}

bool HasTasks(const v1::Deployment& deployment) {
  return HasBegun(deployment, [](const v1::Step& step) {
    return step.phase() == v1::DATABASE && step.kind() == "run_one_off" &&
           step.takes_back().empty();
  });
}

bool TakesBack(const v1::Step& step) { return !step.takes_back().empty(); }

bool TouchesContainers(const v1::Step& step) {
  if (TakesBack(step)) return false;
  if (step.phase() == v1::ROLLBACK) {
    return step.kind() != "remove_files" && step.kind() != "remove_resources" &&
           step.kind() != "drop_loaded";
  }
  return step.attempt() > 0 && (step.phase() == v1::RELEASE || step.phase() == v1::CONFIRM);
}

// Whether a release was live before that the deployment would have replaced.
bool HasOlderRelease(const v1::Deployment& deployment) {
  return std::any_of(deployment.releases().begin(), deployment.releases().end(),
                     [](const v1::Release& release) { return release.replaces() != 0; });
}

std::string ServesStill(const v1::Deployment& deployment) {
  if (deployment.releases_size() == 1 && deployment.releases(0).replaces() != 0) {
    return absl::StrCat("v", deployment.releases(0).replaces());
  }
  return "what serves";
}

std::string WasNotTouched(const v1::Deployment& deployment) {
  if (!HasOlderRelease(deployment)) return "; nothing that serves was touched";
  return absl::StrCat("; ", ServesStill(deployment), " was not touched");
}

std::string SchemaText(const v1::Deployment& deployment, bool only_databases) {
  if (!IsMigrated(deployment)) return "";
  switch (SchemaLeftBy(deployment)) {
    case v1::SCHEMA_UNCHANGED:
      if (HasBegun(deployment, TakesBack)) return "; the migration was taken back";
      return only_databases ? "; the schema is as it was" : "";
    case v1::SCHEMA_SAFE:
      return HasOlderRelease(deployment)
                 ? "; the migration stays, and the older release can run on it"
                 : "; the migration stays";
    default:
      return HasOlderRelease(deployment)
                 ? "; the older release may not be able to run on what the migration has left"
                 : "; the migration stays";
  }
}

}  // namespace

bool OnlyDatabasesWereTouched(const v1::Deployment& deployment) {
  return (IsMigrated(deployment) || HasTasks(deployment) || HasBegun(deployment, TakesBack)) &&
         std::none_of(deployment.steps().begin(), deployment.steps().end(), TouchesContainers);
}

std::string SchemaSummary(const v1::Deployment& deployment) {
  const bool only_databases = OnlyDatabasesWereTouched(deployment);
  return absl::StrCat(only_databases ? WasNotTouched(deployment) : "",
                      SchemaText(deployment, only_databases),
                      HasTasks(deployment) ? "; what tasks have done stays" : "");
}

std::string NotSafeSummary(const v1::Deployment& deployment, const Undoing& undoing) {
  if (deployment.rollback_failure().code() != v1::SCHEMA_NOT_SAFE) return "";
  const bool only_databases = OnlyDatabasesWereTouched(deployment);
  if (!HasOlderRelease(deployment) && (only_databases || !undoing.puts_back)) {
    return absl::StrCat("; ", only_databases ? "nothing that serves was touched" : undoing.text,
                        ", but what else uses the database may not be able to run on it as it is "
                        "now");
  }
  const std::string what =
      only_databases ? absl::StrCat(ServesStill(deployment), " was not touched") : undoing.text;
  return absl::StrCat("; ", what, ", but may not be able to run on the database as it is now");
}

}  // namespace davit::output
