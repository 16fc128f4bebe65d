#include "common/spec/problem_list.h"

#include "absl/strings/str_cat.h"
#include "common/spec/format.h"

namespace davit::spec {
namespace {

constexpr size_t kQuotedCharacters = 60;

}  // namespace

void ProblemList::Add(Offset offset, std::string message) {
  if (!full()) problems_.emplace(offset, std::move(message));
}

std::vector<Problem> ProblemList::ByPlace(const SourceText& source) const {
  absl::btree_set<int> hidden_lines;
  for (const Offset offset : hidden_) hidden_lines.insert(source.Place(offset).line);
  std::vector<Problem> result;
  result.reserve(problems_.size());
  for (const auto& [offset, message] : problems_) {
    const LineColumn place = source.Place(offset);
    result.push_back({place.line, place.column, message, "", hidden_lines.contains(place.line)});
  }
  return result;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("`", Visible(text, kQuotedCharacters), "`");
}

}  // namespace davit::spec
