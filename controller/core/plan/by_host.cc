#include "controller/core/plan/by_host.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace davit::core {
namespace {

constexpr size_t kHostsNamed = 5;

std::string On(std::vector<std::string> hosts) {
  if (hosts.size() > kHostsNamed) return absl::StrCat(hosts.size(), " hosts");
  std::sort(hosts.begin(), hosts.end());
  return absl::StrJoin(hosts, ", ");
}

}  // namespace

void ByHost::Add(const std::string& sentence, const std::string& host) {
  const auto [entry, inserted] = hosts_.try_emplace(sentence);
  if (inserted) order_.push_back(sentence);
  if (std::find(entry->second.begin(), entry->second.end(), host) != entry->second.end()) return;
  entry->second.push_back(host);
}

std::vector<std::string> ByHost::Take() const {
  std::vector<std::string> sentences;
  for (const std::string& sentence : order_) {
    sentences.push_back(absl::StrCat(On(hosts_.at(sentence)), ": ", sentence));
  }
  return sentences;
}

}  // namespace davit::core
