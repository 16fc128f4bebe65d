#include "worker/database/migration/message_pattern.h"

#include "absl/strings/str_split.h"

namespace davit::database {

std::optional<std::vector<std::string>> MatchMessage(absl::string_view pattern,
                                                     absl::string_view line) {
  const std::vector<absl::string_view> pieces = absl::StrSplit(pattern, '*');
  const size_t begin = line.find(pieces.front());
  if (begin == absl::string_view::npos) return std::nullopt;
  std::vector<std::string> found;
  line.remove_prefix(begin + pieces.front().size());
  for (size_t piece = 1; piece < pieces.size(); ++piece) {
    const bool rest = piece + 1 == pieces.size() && pieces[piece].empty();
    const size_t end = rest ? line.size() : line.find(pieces[piece]);
    if (end == absl::string_view::npos) return std::nullopt;
    found.emplace_back(line.substr(0, end));
    line.remove_prefix(end + pieces[piece].size());
  }
  return found;
}

}  // namespace davit::database
