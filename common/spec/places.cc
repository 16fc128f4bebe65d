#include "common/spec/places.h"

namespace davit::spec {

Offset Places::Of(absl::string_view path, bool at_key) const {
  for (absl::string_view at = path;; at = ParentPath(at)) {
    const auto found = places_.find(at);
    if (found != places_.end()) {
      // A message has its key for a name; the text after it may be far away.
      return at_key || at.size() != path.size() ? found->second.key : found->second.value;
    }
    if (at.empty()) return kWholeFile;
  }
}

bool Places::IsBroken(absl::string_view path) const {
  for (absl::string_view at = path;; at = ParentPath(at)) {
    if (broken_.contains(at)) return true;
    if (at.empty()) return false;
  }
}

void Places::Add(const Finding& finding, ProblemList& problems) const {
  const Offset offset = Of(finding.path, finding.at_key);
  if (finding.hides) problems.Hide(offset);
  if (problems.full() || IsBroken(finding.path)) return;
  problems.Add(offset, finding.message);
}

}  // namespace davit::spec
