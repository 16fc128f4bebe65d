#include "worker/service/masked_values.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "worker/database/connection/database_url.h"

namespace davit::service {
namespace {

bool IsToldElsewhere(const database::DatabaseUrl& url, const std::string& password) {
  const auto is_it = [&password](const std::string& name) {
    return absl::EqualsIgnoreCase(name, password);
  };
  // The scheme has the last one.
  return is_it(url.user) || is_it(url.database) || is_it("postgres") || is_it("postgresql") ||
         std::any_of(url.hosts.begin(), url.hosts.end(),
                     [&](const database::DatabaseHost& host) { return is_it(host.name); });
}

// Of the role, and of the client's TLS key.
std::vector<std::string> PasswordsOf(const database::DatabaseUrl& url) {
  std::vector<std::string> passwords;
  if (!url.password.empty()) passwords.push_back(url.password);
  const auto of_key = url.options.find("sslpassword");
  if (of_key != url.options.end() && !of_key->second.empty()) passwords.push_back(of_key->second);
  return passwords;
}

}  // namespace

std::vector<std::string> MaskedValues(std::vector<std::string> values) {
  std::vector<std::string> passwords;
  for (const std::string& value : values) {
    const auto url = database::ParseDatabaseUrl(value);
    if (!url.ok()) continue;
    for (const std::string& password : PasswordsOf(*url)) {
      if (!IsToldElsewhere(*url, password)) passwords.push_back(password);
    }
  }
  values.insert(values.end(), passwords.begin(), passwords.end());
  return values;
}

}  // namespace davit::service
