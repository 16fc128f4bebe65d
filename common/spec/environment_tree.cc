#include "common/spec/environment_tree.h"

#include "absl/strings/str_cat.h"
#include "common/spec/merge.h"
#include "common/spec/suggest.h"

namespace davit::spec {

EnvironmentTree::EnvironmentTree(const Node& project_apps, const Node& environment,
                                 Variables& variables, ProblemList& problems)
    : problems_(problems), extends_(apps_, variables, problems) {
  for (const Entry& entry : project_apps.entries) apps_[entry.key] = entry;
  const Entry* overlay = environment.Find("apps");
  if (overlay != nullptr) TakeOverlay(*overlay->value);
}

void EnvironmentTree::TakeOverlay(const Node& overlay) {
  for (const Entry& entry : overlay.entries) {
    const auto found = apps_.find(entry.key);
    if (found == apps_.end()) {
      std::vector<std::string> known;
      for (const auto& [name, app] : apps_) known.push_back(name);
      problems_.Add(entry.offset, absl::StrCat("no app ", Quoted(entry.key), " in `apps`",
                                               DidYouMean(entry.key, known)));
    } else if (entry.value->is_null()) {
      deleted_.insert(entry.key);
    } else {
      found->second.value = Merge(found->second.value, entry.value);
    }
  }
}

void EnvironmentTree::ForEachApp(const std::function<bool(const MergedApp&)>& take) {
  for (const auto& [name, entry] : apps_) {
    if (deleted_.contains(name)) continue;
    if (!take({name, entry.offset, extends_.Resolve(name)})) return;
  }
}

}  // namespace davit::spec
