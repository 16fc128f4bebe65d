#include "common/spec/origin_writer.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "common/spec/finding.h"

namespace davit::spec {

void OriginWriter::Lay(const Entry& entry, const std::string& parent, absl::string_view place,
                       bool in_text) {
  LayValue(*entry.value, entry.offset, PathOf(parent, entry.key), {place, in_text});
}

void OriginWriter::LayEntries(const Node& map, const std::string& path, absl::string_view place,
                              bool in_text) {
  for (const Entry& entry : map.entries) Lay(entry, path, place, in_text);
}

void OriginWriter::LayValue(const Node& node, Offset key, const std::string& path,
                            const From& from) {
  const Origin origin{from.in_text ? source_.Place(key).line : 0, std::string(from.place)};
  if (node.is_map()) {
    origins_.erase(path);  // of a scalar or a list that stood here
    if (node.entries.empty()) origins_[path] = origin;
    for (const Entry& entry : node.entries) Lay(entry, path, from.place, from.in_text);
    return;
  }
  Erase(path);
  const auto is_scalar = [](const NodePtr& item) { return item->is_scalar(); };
  if (node.is_scalar() || std::all_of(node.items.begin(), node.items.end(), is_scalar)) {
    if (!node.is_null()) origins_[path] = origin;
    return;
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    LayValue(*node.items[i], node.items[i]->offset, PathOf(path, static_cast<int>(i)), from);
  }
}

void OriginWriter::Erase(const std::string& path) {
  for (auto at = origins_.lower_bound(path); at != origins_.end();) {
    if (!absl::StartsWith(at->first, path)) return;
    const absl::string_view rest = absl::string_view(at->first).substr(path.size());
    const bool within = rest.empty() || rest.front() == '.' || rest.front() == '[';
    at = within ? origins_.erase(at) : std::next(at);
  }
}

}  // namespace davit::spec
