#include "worker/docker/json_lines.h"

namespace davit::docker {

void JsonLines::Feed(absl::string_view data, Reader read) {
  begun_.append(data.data(), data.size());
  absl::string_view rest = begun_;
  for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    if (const absl::StatusOr<Json> json = ParseJson(rest.substr(0, end)); json.ok()) read(*json);
    rest.remove_prefix(end + 1);
  }
  begun_.erase(0, begun_.size() - rest.size());
}

}  // namespace davit::docker
