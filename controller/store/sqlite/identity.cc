#include "controller/store/sqlite/identity.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/id.h"

namespace davit::store {
namespace {

constexpr absl::string_view kClusterId = "cluster_id";
constexpr absl::string_view kControllerId = "controller_id";
constexpr absl::string_view kRestored = "restored";
constexpr absl::string_view kCopied = "copied";

std::optional<std::string> Meta(Connection& connection, absl::string_view key) {
  Query query(connection, "SELECT value FROM meta WHERE key = ?");
  if (!query.Bind(key).Next()) return std::nullopt;
  return query.Text(0);
}

void SetMeta(Connection& connection, absl::string_view key, absl::string_view value) {
  Query(connection, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
      .Bind(key)
      .Bind(value)
      .Run();
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

}  // namespace

void MakeIdentity(Connection& connection) {
  for (const absl::string_view key : {kClusterId, kControllerId}) {
    if (!Meta(connection, key).has_value()) SetMeta(connection, key, NewRandomId());
  }
}

absl::StatusOr<StoreIdentity> ReadIdentity(Connection& connection) {
  auto cluster_id = Meta(connection, kClusterId);
  auto controller_id = Meta(connection, kControllerId);
  if (!cluster_id.has_value() || !controller_id.has_value()) {
    return absl::DataLossError("The store has lost its identity.");
  }
  StoreIdentity identity{*std::move(cluster_id), *std::move(controller_id)};
  const auto restored = Meta(connection, kRestored);
  std::string error;
  if (restored.has_value() &&
      !absl::ParseTime(absl::RFC3339_full, *restored, &identity.restored, &error)) {
    return absl::DataLossError(absl::StrCat("The store's time of restoring: ", error, "."));
  }
  return identity;
}

void MarkAsCopy(Connection& connection, absl::Time now) {
  SetMeta(connection, kCopied, TimeText(now));
}

bool IsCopy(Connection& connection) { return Meta(connection, kCopied).has_value(); }

void RenewIdentityOfCopy(Connection& connection, absl::Time now) {
  if (!IsCopy(connection)) return;
  SetMeta(connection, kControllerId, NewRandomId());
  SetMeta(connection, kRestored, TimeText(now));
  Query(connection, "DELETE FROM meta WHERE key = ?").Bind(kCopied).Run();
}

}  // namespace davit::store
