#include "client/output/waiting_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/output/text.h"

namespace davit::output {
namespace {

// More are counted, not named one by one.
constexpr std::ptrdiff_t kMostNames = 4;

}  // namespace

std::string WaitingLineText(const std::vector<std::string>& names,
                            const v1::ListHostsResponse& hosts) {
  std::vector<std::string> missing = names;
  const auto is_online = [&](const std::string& name) {
    return std::any_of(hosts.hosts().begin(), hosts.hosts().end(), [&](const v1::Host& host) {
      return host.name() == name && host.state() == v1::Host::ONLINE;
    });
  };
  missing.erase(std::remove_if(missing.begin(), missing.end(), is_online), missing.end());
  const std::vector<std::string>& waited = missing.empty() ? names : missing;
  if (waited.size() == 1) return absl::StrCat("waiting for host ", Sanitize(waited[0]), " …");
  if (std::ssize(waited) > kMostNames) {
    return absl::StrCat("waiting for ", waited.size(), " hosts …");
  }
  return absl::StrCat("waiting for hosts ", Sanitize(absl::StrJoin(waited, ", ")), " …");
}

}  // namespace davit::output
