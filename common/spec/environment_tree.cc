#include "common/spec/environment_tree.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/spec/merge.h"
#include "common/spec/suggest.h"

namespace davit::spec {

EnvironmentTree::EnvironmentTree(const Node& project_apps, const Node& environment,
                                 Variables& variables, ProblemList& problems)
    : problems_(problems), extends_(apps_, variables, problems) {
  for (const Entry& entry : project_apps.entries) {
    apps_[entry.key] = entry;
    owns_[entry.key] = entry.value;
  }
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
      found->second.value = MergeApp(found->second.value, entry.value);
      overlays_[entry.key] = entry.value;
    }
  }
}

void EnvironmentTree::ForEachApp(const std::function<bool(const MergedApp&)>& take) {
  for (const auto& [name, entry] : apps_) {
    if (deleted_.contains(name)) continue;
    if (!take({name, entry.offset, extends_.Resolve(name)})) return;
  }
}

std::vector<Layer> EnvironmentTree::LayersOf(const std::string& name) const {
  std::vector<Layer> layers;  // the uppermost first
  absl::flat_hash_set<std::string> met;
  for (std::string app = name; !app.empty() && met.insert(app).second; app = extends_.Parent(app)) {
    const std::string extended = app == name ? "" : app;
    const auto add = [&](const NodePtr& node, bool of_environment) {
      if (!node->is_map()) return;
      layers.push_back({extended.empty() ? node : InheritedPart(node), extended, of_environment});
    };
    const auto overlay = overlays_.find(app);
    if (overlay != overlays_.end()) add(overlay->second, true);
    add(owns_.at(app), false);
  }
  return {layers.rbegin(), layers.rend()};
}

}  // namespace davit::spec
