#include "worker/steps/database/migration/environment.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/steps/one_off/record.h"

namespace davit::steps {
namespace {

constexpr size_t kLongestName = 63;  // NAMEDATALEN - 1

void SetUnlessSet(const std::string& variable, const std::string& value,
                  worker::v1::ContainerSpec& container) {
  if (container.secret_env().contains(variable)) return;
  container.mutable_env()->try_emplace(variable, value);
}

}  // namespace

std::string SessionName(const worker::v1::StepKey& key) { return SessionNameOf(OneOffName(key)); }

std::string SessionNameOf(const std::string& container) {
  return container.substr(0, kLongestName);
}

void AddSessionSettings(const worker::v1::StepKey& key, absl::Duration lock_timeout, bool pooler,
                        worker::v1::ContainerSpec& container) {
  SetUnlessSet("PGAPPNAME", SessionName(key), container);
  if (pooler || lock_timeout <= absl::ZeroDuration()) return;
  SetUnlessSet("PGOPTIONS",
               absl::StrCat("-c lock_timeout=", absl::ToInt64Milliseconds(lock_timeout)),
               container);
}

std::string LockTimeoutNote(const database::DatabaseUrl& url, absl::Duration lock_timeout) {
  const auto options = url.options.find("options");
  if (lock_timeout <= absl::ZeroDuration() || options == url.options.end()) return "";
  if (absl::StrContains(options->second, "lock_timeout")) return "";
  return absl::StrCat(
      "migrate.lock_timeout has no effect, as the URL has options: put -c lock_timeout=",
      absl::ToInt64Milliseconds(lock_timeout), " into these");
}

}  // namespace davit::steps
