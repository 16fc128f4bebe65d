#include "common/spec/template_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace davit::spec {
namespace {

constexpr absl::string_view kOpen = "{{";
constexpr absl::string_view kClose = "}}";
constexpr absl::string_view kEscaped = "{{{{";

}  // namespace

int TemplateReader::line() const {
  const absl::string_view before = all_.substr(0, all_.size() - rest_.size());
  return static_cast<int>(1 + std::count(before.begin(), before.end(), '\n'));
}

absl::StatusOr<TemplatePiece> TemplateReader::Next() {
  TemplatePiece piece;
  while (!rest_.empty()) {
    const size_t open = std::min(rest_.find(kOpen), rest_.size());
    absl::StrAppend(&piece.text, rest_.substr(0, open));
    rest_.remove_prefix(open);
    if (absl::ConsumePrefix(&rest_, kEscaped)) {
      absl::StrAppend(&piece.text, kOpen);
    } else if (!rest_.empty()) {
      return Name(std::move(piece));
    }
  }
  return piece;
}

absl::StatusOr<TemplatePiece> TemplateReader::Name(TemplatePiece piece) {
  const size_t close = rest_.find(kClose);
  if (close == absl::string_view::npos) {
    return absl::InvalidArgumentError("`{{` has no `}}`; a plain `{{` is written `{{{{`");
  }
  piece.name = absl::StripAsciiWhitespace(rest_.substr(kOpen.size(), close - kOpen.size()));
  piece.has_name = true;
  if (!rule_.is_name(piece.name)) {
    return absl::InvalidArgumentError(absl::StrCat("between `{{` and `}}` stands ", rule_.wanted,
                                                   "; a plain `{{` is written `{{{{`"));
  }
  rest_.remove_prefix(close + kClose.size());
  return piece;
}

}  // namespace davit::spec
