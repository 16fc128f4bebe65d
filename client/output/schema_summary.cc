#include "client/output/schema_summary.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/output/database_text.h"

namespace davit::output {
namespace {

bool WasBegunIn(const v1::Deployment& deployment, v1::Phase phase, absl::string_view kind) {
  return std::any_of(deployment.steps().begin(), deployment.steps().end(), [&](const auto& step) {
    return step.phase() == phase && step.kind() == kind && step.attempt() > 0;
  });
}

bool IsMigrated(const v1::Deployment& deployment) {
  return WasBegunIn(deployment, v1::DATABASE, "migrate_database");
}

// A task's, or the command by which `davit rollback` takes a migration back.
bool HasCommands(const v1::Deployment& deployment) {
  return WasBegunIn(deployment, v1::DATABASE, "run_one_off");
}

bool HasTasks(const v1::Deployment& deployment) {
  return HasCommands(deployment) && deployment.operation() != v1::OPERATION_ROLLBACK;
}

// A rollback has no other commands than those that take migrations back.
bool IsTakenBack(const v1::Deployment& deployment) {
  return WasBegunIn(deployment, v1::ROLLBACK, "run_one_off");
}

bool TouchesContainers(const v1::Step& step) {
  if (step.phase() == v1::ROLLBACK) {
    return step.kind() != "remove_files" && step.kind() != "remove_resources" &&
           step.kind() != "run_one_off";
  }
  return step.attempt() > 0 && (step.phase() == v1::RELEASE || step.phase() == v1::CONFIRM);
}

std::string ServesStill(const v1::Deployment& deployment) {
  if (deployment.releases_size() == 1 && deployment.releases(0).replaces() != 0) {
    return absl::StrCat("v", deployment.releases(0).replaces());
  }
  return "what serves";
}

std::string SchemaText(const v1::Deployment& deployment, bool only_databases) {
  if (!IsMigrated(deployment)) return "";
  switch (SchemaLeftBy(deployment)) {
    case v1::SCHEMA_UNCHANGED:
      if (IsTakenBack(deployment)) return "; the migration was taken back";
      return only_databases ? "; the schema is as it was" : "";
    case v1::SCHEMA_SAFE:
      return "; the migration stays, and the older release can run on it";
    default:
      return "; the older release may not be able to run on what the migration has left";
  }
}

}  // namespace

bool OnlyDatabasesWereTouched(const v1::Deployment& deployment) {
  return (IsMigrated(deployment) || HasCommands(deployment)) &&
         std::none_of(deployment.steps().begin(), deployment.steps().end(), TouchesContainers);
}

std::string SchemaSummary(const v1::Deployment& deployment) {
  const bool only_databases = OnlyDatabasesWereTouched(deployment);
  return absl::StrCat(
      only_databases ? absl::StrCat("; ", ServesStill(deployment), " was not touched") : "",
      SchemaText(deployment, only_databases),
      HasTasks(deployment) ? "; what tasks have done stays" : "");
}

std::string NotSafeSummary(const v1::Deployment& deployment, const std::string& back) {
  if (deployment.rollback_failure().code() != v1::SCHEMA_NOT_SAFE) return "";
  const std::string what = OnlyDatabasesWereTouched(deployment)
                               ? absl::StrCat(ServesStill(deployment), " was not touched")
                               : back;
  return absl::StrCat("; ", what, ", but may not be able to run on the database as it is now");
}

}  // namespace davit::output
