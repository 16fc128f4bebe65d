#include "worker/steps/database/same_database.h"

#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/secret/secret_key.h"
#include "worker/database/connection/connect_reason.h"
#include "worker/database/connection/database_identity.h"

namespace davit::steps {
namespace {

using database::DatabaseIdentity;
using worker::v1::DatabaseAccess;

bool IsAnotherWay(const DatabaseAccess& access) {
  return access.has_admin_url() && SecretKey(access.admin_url()) != SecretKey(access.url());
}

absl::Status OtherDatabase(const DatabaseAccess& access, const DatabaseIdentity& app,
                           const StepDatabase& by_url, const DatabaseIdentity& admin,
                           const StepDatabase& by_admin_url, v1::FailureCode code) {
  const auto leads = [](const char* what, const worker::v1::SecretUse& use, const StepDatabase& way,
                        const DatabaseIdentity& to) {
    return absl::StrCat(what, " (secret ", use.name(), ", ", way.url().Redacted(), ") leads to ",
                        to.Text());
  };
  v1::Failure failure = MakeFailure(
      code,
      absl::StrCat("database ", access.name(),
                   ": its admin_url leads to another database than its url, which the apps use"),
      {leads("url", access.url(), by_url, app),
       leads("admin_url", access.admin_url(), by_admin_url, admin)});
  failure.set_likely_cause(
      "one of the two secrets has the URL of another environment, server or database");
  failure.set_next_command(absl::StrCat("set the one that is wrong anew, `",
                                        by_admin_url.set_command(), "` or `", by_url.set_command(),
                                        "`: both must name the same database of the same server"));
  return FailureStatus(failure);
}

}  // namespace

absl::Status CheckSameDatabase(const DatabaseAccess& access, const StepContext& context,
                               docker::Engine& engine, database::Connection& admin,
                               v1::FailureCode code) {
  if (!IsAnotherWay(access)) return absl::OkStatus();
  const auto by_admin_url = StepDatabase::Of(access, WayIn::kAdmin, context, engine);
  if (!by_admin_url.ok()) return by_admin_url.status();
  const auto by_url = StepDatabase::Of(access, WayIn::kApp, context, engine);
  if (!by_url.ok()) return by_url.status();
  const auto app = by_url->Open({}, context.call);
  if (!app.ok()) return app.status();
  const auto apps = database::ReadDatabaseIdentity(**app, context.call);
  if (!apps.ok()) return by_url->FailureFor(apps.status());
  const auto admins = database::ReadDatabaseIdentity(admin, context.call);
  if (!admins.ok()) return by_admin_url->FailureFor(admins.status());
  if (database::IsSameDatabase(*apps, *admins)) return absl::OkStatus();
  return OtherDatabase(access, *apps, *by_url, *admins, *by_admin_url, code);
}

absl::Status CheckSameDatabase(const DatabaseAccess& access, const StepContext& context,
                               docker::Engine& engine, const database::DatabaseUrl& resolved,
                               v1::FailureCode code) {
  if (!IsAnotherWay(access)) return absl::OkStatus();
  const auto admin = database::Connect(resolved, {}, context.call);
  if (admin.ok()) return CheckSameDatabase(access, context, engine, **admin, code);
  if (database::ReasonOf(admin.status()) == database::ConnectReason::kSwitchedOff) {
    return absl::OkStatus();
  }
  const auto by_admin_url = StepDatabase::Of(access, WayIn::kAdmin, context, engine);
  if (!by_admin_url.ok()) return by_admin_url.status();
  return by_admin_url->FailureFor(admin.status());
}

}  // namespace davit::steps
