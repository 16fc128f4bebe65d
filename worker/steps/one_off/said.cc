#include "worker/steps/one_off/said.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/steps/one_off/container.h"

namespace davit::steps {
namespace {

// Twice what is kept, so that it is not moved for every line.
void KeepEnd(size_t most, std::string& text) {
  if (text.size() <= 2 * most) return;
  const size_t line = text.find('\n', text.size() - most);
  text.erase(0, line == text.npos ? text.size() - most : line + 1);
}

}  // namespace

TextSearch::TextSearch(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (const std::string& text : texts_) longest_ = std::max(longest_, text.size());
}

void TextSearch::Put(v1::LogStream stream, absl::string_view piece) {
  if (!found_.empty() || longest_ == 0) return;
  std::string& end = ends_[stream];
  absl::StrAppend(&end, piece);
  for (const std::string& text : texts_) {
    if (text.empty() || !absl::StrContains(end, text)) continue;
    found_ = text;
    return;
  }
  if (end.size() >= longest_) end.erase(0, end.size() - (longest_ - 1));
}

absl::StatusOr<std::string> FindSaid(docker::Engine& engine, const std::string& container,
                                     std::vector<std::string> texts) {
  TextSearch search(std::move(texts));
  const absl::Status read =
      engine.Logs(container, {}, AnotherCall(kLastWords), [&](const docker::LogLine& line) {
        search.Put(line.stream, absl::StrCat(line.text, line.goes_on ? "" : "\n"));
        return search.found().empty();
      });
  if (search.found().empty() && !read.ok()) return read;
  return search.found();
}

std::string EndOfOutput(docker::Engine& engine, const std::string& container, size_t most) {
  std::string text;
  engine
      .Logs(container, {}, AnotherCall(kLastWords),
            [&](const docker::LogLine& line) {
              absl::StrAppend(&text, line.text, line.goes_on ? "" : "\n");
              KeepEnd(most, text);
              return true;
            })
      .IgnoreError();
  return text;
}

}  // namespace davit::steps
