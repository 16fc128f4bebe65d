#include "controller/core/restoration/older_secret.h"

#include "absl/strings/str_cat.h"

namespace davit::core {
namespace {

using state::v1::DeploymentRecord;
using worker::v1::SecretUse;

// The first one that is rolled back and uses the database; empty: none.
std::string OlderUserOf(const DeploymentRecord& record, const std::string& database) {
  for (const v1::Release& release : record.view().releases()) {
    const auto app = record.request().spec().apps().find(release.app());
    const bool uses =
        app != record.request().spec().apps().end() && app->second.database() == database;
    if (uses && record.restored().contains(release.app())) return release.app();
  }
  return "";
}

}  // namespace

const SecretUse* NewestUse(const DeploymentRecord& record, const std::string& secret) {
  for (const SecretUse& use : record.secrets()) {
    if (use.name() == secret) return &use;
  }
  return nullptr;
}

std::string DeployNewestAdvice(const DeploymentRecord& record, const std::string& app) {
  const v1::Release& older = record.restored().at(app).view();
  return absl::StrCat("deploy its image with the newest secrets: `davit deploy ", app, " -e ",
                      record.view().environment(), " --image ", app, "=",
                      older.image_digest().empty() ? older.image_reference() : older.image_digest(),
                      "`");
}

void ExplainOlderSecret(const DeploymentRecord& record, const state::v1::StepRecord& step,
                        v1::Failure& failure) {
  if (!record.request().has_rollback() || !step.spec().has_wait_database()) return;
  if (failure.code() != v1::DATABASE_DENIED && failure.code() != v1::DATABASE_UNREACHABLE) return;
  const worker::v1::DatabaseAccess& access = step.spec().wait_database().database();
  const SecretUse* newest = NewestUse(record, access.url().name());
  const std::string app = OlderUserOf(record, access.name());
  if (newest == nullptr || app.empty()) return;
  if (newest->version() == access.url().version() &&
      newest->environment() == access.url().environment()) {
    return;
  }
  failure.add_evidence(absl::StrCat("it was asked with version ", access.url().version(),
                                    " of the secret ", access.url().name(), ", which ", app, " v",
                                    record.restored().at(app).view().number(),
                                    " had; the newest is version ", newest->version()));
  failure.set_likely_cause(
      "the URL was changed since, and a rollback has the versions of secrets that the older "
      "release had");
  failure.set_next_command(DeployNewestAdvice(record, app));
}

}  // namespace davit::core
