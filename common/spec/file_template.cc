#include "common/spec/file_template.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace davit::spec {
namespace {

constexpr absl::string_view kOpen = "{{";
constexpr absl::string_view kClose = "}}";
constexpr absl::string_view kEscaped = "{{{{";

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// What comes next in a template: a piece of text, then perhaps a variable.
struct Piece {
  std::string text;
  absl::string_view name;  // empty at the end
};

class TemplateReader {
 public:
  explicit TemplateReader(absl::string_view text) : all_(text), rest_(text) {}

  bool done() const { return rest_.empty(); }

  absl::StatusOr<Piece> Next() {
    Piece piece;
    while (!rest_.empty()) {
      const size_t open = std::min(rest_.find(kOpen), rest_.size());
      absl::StrAppend(&piece.text, rest_.substr(0, open));
      rest_.remove_prefix(open);
      if (absl::ConsumePrefix(&rest_, kEscaped)) {
        absl::StrAppend(&piece.text, kOpen);
      } else if (!rest_.empty()) {
        return Variable(std::move(piece));
      }
    }
    return piece;
  }

 private:
  absl::StatusOr<Piece> Variable(Piece piece) {
    const size_t close = rest_.find(kClose);
    if (close == absl::string_view::npos) {
      return Invalid("`{{` has no `}}`; a plain `{{` is written `{{{{`");
    }
    piece.name = absl::StripAsciiWhitespace(rest_.substr(kOpen.size(), close - kOpen.size()));
    if (!IsVariableName(piece.name)) {
      return Invalid(
          "between `{{` and `}}` stands the name of a variable; a plain `{{` is written `{{{{`");
    }
    rest_.remove_prefix(close + kClose.size());
    return piece;
  }

  absl::Status Invalid(absl::string_view why) const {
    const absl::string_view before = all_.substr(0, all_.size() - rest_.size());
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", why));
  }

  const absl::string_view all_;
  absl::string_view rest_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> TemplateNames(absl::string_view text) {
  std::vector<std::string> names;
  absl::flat_hash_set<absl::string_view> seen;
  for (TemplateReader reader(text); !reader.done();) {
    const absl::StatusOr<Piece> piece = reader.Next();
    if (!piece.ok()) return piece.status();
    if (piece->name.empty() || !seen.insert(piece->name).second) continue;
    names.emplace_back(piece->name);
  }
  return names;
}

absl::StatusOr<std::string> RenderTemplate(absl::string_view text, TemplateLookup lookup,
                                           size_t most) {
  std::string rendered;
  for (TemplateReader reader(text); !reader.done();) {
    const absl::StatusOr<Piece> piece = reader.Next();
    if (!piece.ok()) return piece.status();
    absl::StrAppend(&rendered, piece->text);
    if (!piece->name.empty()) {
      const std::optional<std::string> value = lookup(piece->name);
      if (!value.has_value()) {
        return absl::NotFoundError(absl::StrCat("there is no variable `", piece->name, "`"));
      }
      absl::StrAppend(&rendered, *value);
    }
    if (rendered.size() > most) {
      return absl::ResourceExhaustedError(absl::StrCat("it has more than ", most, " bytes"));
    }
  }
  return rendered;
}

}  // namespace davit::spec
