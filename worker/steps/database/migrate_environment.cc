#include "worker/steps/database/migrate_environment.h"

#include "absl/strings/str_cat.h"
#include "worker/steps/one_off_record.h"

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

}  // namespace davit::steps
