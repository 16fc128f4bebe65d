#include "controller/executor/restoration.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/failure/failure.h"
#include "controller/core/names.h"
#include "controller/core/restoration/restoration.h"
#include "controller/executor/database_names.h"
#include "controller/executor/restoration_choice.h"
#include "controller/executor/restoration_since.h"

namespace davit::executor {
namespace {

using state::v1::ReleaseRecord;
using Releases = std::map<std::string, ReleaseRecord>;

// Which release of which app is wanted; a map has no order of its own.
std::map<std::string, int64_t> WantedReleases(const v1::DeploymentRequest& request) {
  const auto& given = request.rollback().releases();
  std::map<std::string, int64_t> wanted(given.begin(), given.end());
  for (const std::string& app : request.apps()) wanted.emplace(app, 0);
  if (!wanted.empty()) return wanted;
  for (const auto& [app, declared] : request.spec().apps()) wanted.emplace(app, 0);
  return wanted;
}

bool NamesApps(const v1::DeploymentRequest& request) {
  return request.apps_size() + request.rollback().releases_size() > 0;
}

absl::Status NothingLive(const v1::EnvironmentSpec& spec, const std::vector<std::string>& apps) {
  v1::Failure failure =
      MakeFailure(v1::NOT_FOUND, absl::StrCat("no release of ", absl::StrJoin(apps, ", "),
                                              " is live in ", spec.environment(), " yet"));
  failure.set_likely_cause("it was not deployed so far, or no deployment of it has succeeded");
  failure.set_next_command(absl::StrCat("davit history -e ", spec.environment()));
  return FailureStatus(failure);
}

absl::Status NothingBefore(const v1::EnvironmentSpec& spec, const std::vector<std::string>& apps) {
  v1::Failure failure = MakeFailure(
      v1::NOT_FOUND, absl::StrCat("there is no release of ", absl::StrJoin(apps, ", "), " in ",
                                  spec.environment(), " that was live before the one that is now"));
  failure.set_likely_cause(
      "what is live is the first one, or the same as all before it, or the oldest was gone back to "
      "already: a newer one must be named");
  failure.set_next_command(absl::StrCat("davit history -e ", spec.environment()));
  return FailureStatus(failure);
}

// Why there is nothing to go back to for `apps`, none of which has an earlier release.
absl::Status NothingToChoose(store::ReadTxn& txn, const v1::EnvironmentSpec& spec, bool named,
                             std::vector<std::string> apps) {
  const auto live = txn.LiveReleases(spec.project(), spec.environment());
  if (!live.ok()) return live.status();
  const auto first = std::stable_partition(apps.begin(), apps.end(), [&](const std::string& app) {
    return std::none_of(live->begin(), live->end(),
                        [&](const ReleaseRecord& release) { return release.view().app() == app; });
  });
  // One that nobody has asked for is no reason where another one is live.
  const bool is_reason = named ? first != apps.begin() : first == apps.end();
  if (is_reason) return NothingLive(spec, {apps.begin(), first});
  return NothingBefore(spec, {first, apps.end()});
}

// How many releases all apps pass, so that at least one of them becomes another than it is:
// to what was deployed twice nobody wants back. All the same number, as what was live together
// fits together. nullopt: there is nothing else.
std::optional<size_t> HowManyToPass(const std::map<std::string, WaysBack>& ways) {
  std::optional<size_t> least;
  for (const auto& [app, back] : ways) {
    if (back.same == back.older.size()) continue;
    least = std::min(least.value_or(back.same), back.same);
  }
  return least;
}

// Adds what each of the apps goes back to; those that have nothing to go back to are told.
std::vector<std::string> ChooseOlder(std::map<std::string, WaysBack> ways, Releases& releases) {
  std::vector<std::string> without;
  const std::optional<size_t> pass = HowManyToPass(ways);
  for (auto& [app, back] : ways) {
    if (!pass.has_value() || back.older.empty()) {
      without.push_back(app);
      continue;
    }
    releases.emplace(app, std::move(back.older[std::min(*pass, back.older.size() - 1)]));
  }
  return without;
}

absl::StatusOr<Releases> ReadChosen(store::ReadTxn& txn, const v1::DeploymentRequest& request) {
  Releases releases;
  std::map<std::string, WaysBack> ways;
  for (const auto& [app, number] : WantedReleases(request)) {
    if (number == 0) {
      auto back = FindWaysBack(txn, request.spec(), app);
      if (!back.ok()) return back.status();
      ways.emplace(app, *std::move(back));
      continue;
    }
    auto chosen = ChooseRelease(txn, request.spec(), app, number);
    if (!chosen.ok()) return chosen.status();
    releases.emplace(app, *std::move(chosen));
  }
  std::vector<std::string> without = ChooseOlder(std::move(ways), releases);
  const bool named = NamesApps(request);
  const bool missing = named ? !without.empty() : releases.empty();
  if (missing) return NothingToChoose(txn, request.spec(), named, std::move(without));
  return releases;
}

// A line for each version that one release had and that is gone.
absl::Status FindRemoved(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                         const ReleaseRecord& release, std::vector<std::string>& removed) {
  const auto& env = release.container().secret_env();
  const std::map<std::string, worker::v1::SecretUse> uses(env.begin(), env.end());
  for (const auto& [variable, use] : uses) {
    const auto secret = txn.GetSecret(spec.project(), use.environment(), use.name(), use.version());
    if (secret.ok()) continue;
    if (!absl::IsNotFound(secret.status())) return secret.status();
    removed.push_back(absl::StrCat(use.name(), " version ", use.version(), ", which ",
                                   core::AppVersion(release.view().app(), release.view().number()),
                                   " had as ", variable));
  }
  return absl::OkStatus();
}

absl::Status CheckSecrets(store::ReadTxn& txn, const v1::EnvironmentSpec& spec,
                          const Releases& releases) {
  std::vector<std::string> removed;
  for (const auto& [app, release] : releases) {
    absl::Status status = FindRemoved(txn, spec, release, removed);
    if (!status.ok()) return status;
  }
  if (removed.empty()) return absl::OkStatus();
  v1::Failure failure = MakeFailure(
      v1::SECRET_MISSING, "secrets that the older release had were removed since", removed);
  failure.set_likely_cause("`davit secrets remove` forgets a secret in all its versions");
  failure.set_next_command(
      absl::StrCat("set the secret again and deploy the image of that release: `davit deploy -e ",
                   spec.environment(), " --image APP=IMAGE`"));
  return FailureStatus(failure);
}

v1::DeploymentRequest EffectiveRequest(v1::DeploymentRequest request, const Releases& releases) {
  const v1::EnvironmentSpec asked = request.spec();
  request.clear_apps();
  request.mutable_rollback()->clear_releases();
  for (const auto& [app, release] : releases) {
    request.add_apps(app);
    (*request.mutable_rollback()->mutable_releases())[app] = release.view().number();
    (*request.mutable_spec()->mutable_apps())[app] = core::AppAsItWas(asked, release);
  }
  // Nothing is migrated: what a release's migration did, its record says.
  for (auto& [name, database] : *request.mutable_spec()->mutable_databases()) {
    database.clear_migrate();
  }
  return request;
}

}  // namespace

absl::StatusOr<Restoration> ReadRestoration(store::ReadTxn& txn,
                                            const v1::DeploymentRequest& request) {
  Restoration restoration;
  auto releases = ReadChosen(txn, request);
  if (!releases.ok()) return releases.status();
  restoration.releases = *std::move(releases);
  absl::Status status = CheckSecrets(txn, request.spec(), restoration.releases);
  if (!status.ok()) return status;
  auto since = ReadSince(txn, request.spec(), restoration.releases);
  if (!since.ok()) return since.status();
  restoration.since = *std::move(since);
  DatabaseNames names(txn, request.spec());
  for (auto& [app, release] : restoration.releases) {
    status = names.Rename(release);
    if (!status.ok()) return status;
  }
  restoration.request = EffectiveRequest(request, restoration.releases);
  return restoration;
}

}  // namespace davit::executor
