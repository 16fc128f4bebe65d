#include "worker/service/masked_values.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "worker/database/database_url.h"

namespace davit::service {
namespace {

bool IsToldElsewhere(const database::DatabaseUrl& url) {
  const auto is_it = [&url](const std::string& name) {
    return absl::EqualsIgnoreCase(name, url.password);
  };
  // The scheme has the last one.
  return is_it(url.user) || is_it(url.database) || is_it("postgres") || is_it("postgresql") ||
         std::any_of(url.hosts.begin(), url.hosts.end(),
                     [&](const database::DatabaseHost& host) { return is_it(host.name); });
}

}  // namespace

std::vector<std::string> MaskedValues(std::vector<std::string> values) {
  std::vector<std::string> passwords;
  for (const std::string& value : values) {
    const auto url = database::ParseDatabaseUrl(value);
    if (url.ok() && !url->password.empty() && !IsToldElsewhere(*url)) {
      passwords.push_back(url->password);
    }
  }
  values.insert(values.end(), passwords.begin(), passwords.end());
  return values;
}

}  // namespace davit::service
