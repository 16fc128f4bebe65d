#include "common/spec/extends.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/spec/checks.h"
#include "common/spec/merge.h"
#include "common/spec/suggest.h"

namespace davit::spec {

Extends::Link Extends::ParentOf(const std::string& app, std::string* parent) {
  const Entry* extends = apps_.at(app).value->Find("extends");
  if (extends == nullptr || extends->value->is_null()) return Link::kNone;
  if (!extends->value->is_scalar()) return Link::kBroken;
  const std::optional<std::string> name = variables_.Expand(*extends->value);
  if (!name.has_value()) return Link::kBroken;
  if (name->empty()) return Link::kNone;
  if (!apps_.contains(*name)) {
    std::vector<std::string> known;
    for (const auto& [candidate, entry] : apps_) {
      if (candidate != app) known.push_back(candidate);
    }
    problems_.Add(extends->value->offset, absl::StrCat("`extends` names the unknown app ",
                                                       Quoted(*name), DidYouMean(*name, known)));
    return Link::kBroken;
  }
  *parent = *name;
  return Link::kParent;
}

const ExtendedApp& Extends::Resolve(const std::string& name) {
  std::vector<std::string> chain;
  absl::flat_hash_map<std::string, size_t> positions;
  ExtendedApp parent;
  for (std::string app = name;;) {
    if (const auto done = resolved_.find(app); done != resolved_.end()) {
      parent = done->second;
      break;
    }
    if (const auto met = positions.find(app); met != positions.end()) {
      ReportCircle({chain.begin() + static_cast<int64_t>(met->second), chain.end()});
      parent.complete = false;
      break;
    }
    positions[app] = chain.size();
    chain.push_back(app);
    const Link link = ParentOf(app, &app);
    if (link == Link::kParent) {
      parents_[chain.back()] = app;
      continue;
    }
    parent.complete = link == Link::kNone;
    break;
  }
  for (auto app = chain.rbegin(); app != chain.rend(); ++app) {
    const NodePtr& own = apps_.at(*app).value;
    parent = {parent.node == nullptr ? own : Inherit(parent.node, own), parent.complete};
    resolved_[*app] = parent;
  }
  return resolved_[name];
}

std::string Extends::Parent(const std::string& name) const {
  const auto found = parents_.find(name);
  return found == parents_.end() ? "" : found->second;
}

void Extends::ReportCircle(std::vector<std::string> circle) {
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  const Offset place = apps_.at(circle.front()).value->Find("extends")->value->offset;
  problems_.Add(place, circle.size() == 1 ? absl::StrCat(Quoted(circle.front()), " extends itself")
                                          : absl::StrCat("`extends` goes round in a circle: ",
                                                         CircleInWords(circle)));
}

}  // namespace davit::spec
