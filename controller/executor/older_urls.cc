#include "controller/executor/older_urls.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/restoration/older_secret.h"
#include "controller/core/restoration/restoration_schema.h"
#include "controller/core/restoration/restoration_text.h"
#include "controller/executor/live_apps.h"
#include "controller/executor/url_likeness.h"

namespace davit::executor {
namespace {

using state::v1::DeploymentRecord;
using state::v1::ReleaseRecord;
using worker::v1::SecretUse;

using Place = UrlLikeness::Place;

// nullopt: the container has no such secret.
std::optional<SecretUse> UseIn(const ReleaseRecord& release, const std::string& secret) {
  for (const auto& [variable, use] : release.container().secret_env()) {
    if (use.name() == secret) return use;
  }
  return std::nullopt;
}

// One release's URL of its database, beside another one.
struct UrlPair {
  std::string app, database;
  SecretUse older, other;
  std::string other_text;  // "web v3, which is live, has version 2"
  UrlLikeness likeness;
};

class UrlComparison {
 public:
  UrlComparison(store::Store& store, SecretSource& secrets, const DeploymentRecord& record)
      : store_(store), secrets_(secrets), record_(record) {}

  absl::StatusOr<std::vector<UrlPair>> Run() {
    for (const auto& [database, since] :
         core::SchemasWithFate(record_, core::SchemaFate::kIsReplaced)) {
      replaced_.insert(database);
    }
    for (const auto& [app, restored] : record_.restored()) {
      if (absl::Status status = Add(app, restored); !status.ok()) return status;
    }
    return std::move(pairs_);
  }

 private:
  absl::Status Add(const std::string& app, const ReleaseRecord& restored) {
    const v1::EnvironmentSpec& spec = record_.request().spec();
    const std::string& name = spec.apps().at(app).database();
    const auto database = spec.databases().find(name);
    if (database == spec.databases().end()) return absl::OkStatus();
    const std::string& secret = database->second.url().secret();
    auto older = UseIn(restored, secret);
    if (!older) {
      const absl::StatusOr<std::string> secret_of_then = SecretOfThen(restored, name);
      if (!secret_of_then.ok()) return secret_of_then.status();
      older = UseIn(restored, *secret_of_then);
    }
    if (!older) return absl::OkStatus();
    const SecretUse* newest = core::NewestUse(record_, secret);
    const auto live = record_.previous().find(app);
    const auto used = live == record_.previous().end() ? std::nullopt : UseIn(live->second, secret);
    UrlPair pair{.app = app, .database = name, .older = *older};
    if (used) {
      pair.other = *used;
      pair.other_text =
          absl::StrCat(core::AppVersion(app, live->second.view().number()), ", which is live, has");
      Compare(pair);
    }
    if (newest == nullptr || (used && !replaced_.contains(name))) return absl::OkStatus();
    pair.other = *newest;
    pair.other_text = "the newest is";
    Compare(pair);
    return absl::OkStatus();
  }

  // As it was declared when the release was made; empty: not on record.
  absl::StatusOr<std::string> SecretOfThen(const ReleaseRecord& restored,
                                           const std::string& database) {
    std::string secret;
    const absl::Status status = store_.View([&](store::ReadTxn& txn) {
      const auto record = RecordOf(txn, restored.view().deployment_id());
      if (!record.ok() || !record->has_value()) return record.status();
      const auto& databases = (*record)->request().spec().databases();
      const auto found = databases.find(database);
      if (found != databases.end()) secret = found->second.url().secret();
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return secret;
  }

  void Compare(UrlPair pair) {
    const auto likeness = CompareUrls(secrets_, record_.view().project(), pair.older, pair.other);
    if (!likeness) return;
    pair.likeness = *likeness;
    absl::StrAppend(
        &pair.other_text, " version ", pair.other.version(),
        pair.other.name() == pair.older.name() ? "" : absl::StrCat(" of ", pair.other.name()));
    pairs_.push_back(std::move(pair));
  }

  store::Store& store_;
  SecretSource& secrets_;
  const DeploymentRecord& record_;
  std::set<std::string> replaced_;
  std::vector<UrlPair> pairs_;
};

// "web v2 has version 1 of the secret DATABASE_URL, web v3, which is live, has version 2".
std::string Versions(const DeploymentRecord& record, const UrlPair& pair) {
  return absl::StrCat(core::AppVersion(pair.app, record.restored().at(pair.app).view().number()),
                      " has version ", pair.older.version(), " of the secret ", pair.older.name(),
                      ", ", pair.other_text);
}

std::string Note(const DeploymentRecord& record, const UrlPair& pair) {
  const std::string versions = absl::StrCat(pair.database, ": ", Versions(record, pair));
  switch (pair.likeness.place) {
    case Place::kOther:
      return absl::StrCat(versions, ": it leads to ANOTHER DATABASE (", pair.likeness.differences,
                          "), which the app uses then; what was written to the one of now is not "
                          "in it");
    case Place::kSame:
      return absl::StrCat(versions,
                          ": the same database, with another user, password or "
                          "parameter; where that is refused by now, ",
                          core::DeployNewestAdvice(record, pair.app));
    default:
      return absl::StrCat(versions, ": whether it leads to the same database is not known");
  }
}

absl::Status Refusal(const DeploymentRecord& record, const std::vector<UrlPair>& others) {
  const UrlPair& first = others.front();
  v1::Failure failure = MakeFailure(
      v1::SCHEMA_NOT_SAFE,
      absl::StrCat(core::AppVersion(first.app, record.restored().at(first.app).view().number()),
                   " would use another database than ", first.database,
                   " is now; nothing was touched"));
  for (const UrlPair& pair : others) {
    failure.add_evidence(absl::StrCat(pair.database, ": ", Versions(record, pair),
                                      ", which leads elsewhere: another ",
                                      pair.likeness.differences));
  }
  failure.set_likely_cause(
      absl::StrCat("the database was moved since; a rollback has the versions "
                   "of secrets that the older release had"));
  failure.set_next_command(
      absl::StrCat(core::DeployNewestAdvice(record, first.app),
                   "; or, if it shall use the database of then as it is: `davit rollback ",
                   absl::StrJoin(record.request().apps(), " "), " -e ", record.view().environment(),
                   core::ToReleases(record.request()), " --schema keep`"));
  return FailureStatus(failure);
}

}  // namespace

OlderUrls CompareOlderUrls(store::Store& store, SecretSource& secrets,
                           const core::DeploymentState& state) {
  const DeploymentRecord& record = state.record;
  OlderUrls urls;
  if (!record.request().has_rollback()) return urls;
  std::vector<UrlPair> elsewhere;
  absl::StatusOr<std::vector<UrlPair>> pairs = UrlComparison(store, secrets, record).Run();
  if (!pairs.ok()) {
    urls.status = pairs.status();
    return urls;
  }
  for (UrlPair& pair : *pairs) {
    urls.notes.push_back(Note(record, pair));
    if (pair.likeness.place == Place::kOther) elsewhere.push_back(std::move(pair));
  }
  const bool kept = record.request().rollback().schema() == v1::RollbackRequest::KEEP;
  if (!kept && !elsewhere.empty()) urls.status = Refusal(record, elsewhere);
  return urls;
}

}  // namespace davit::executor
