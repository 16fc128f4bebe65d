#include "common/spec/file_template.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/spec/template_reader.h"

namespace davit::spec {
namespace {

bool IsVariableName(absl::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

constexpr TemplateRule kFileRule = {IsVariableName, "the name of a variable"};

absl::Status InItsLine(const TemplateReader& reader, const absl::Status& why) {
  return absl::InvalidArgumentError(absl::StrCat("line ", reader.line(), ": ", why.message()));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TemplateNames(absl::string_view text) {
  std::vector<std::string> names;
  absl::flat_hash_set<absl::string_view> seen;
  for (TemplateReader reader(text, kFileRule); !reader.done();) {
    const absl::StatusOr<TemplatePiece> piece = reader.Next();
    if (!piece.ok()) return InItsLine(reader, piece.status());
    if (!piece->has_name || !seen.insert(piece->name).second) continue;
    names.emplace_back(piece->name);
  }
  return names;
}

absl::StatusOr<std::string> RenderTemplate(absl::string_view text, TemplateLookup lookup,
                                           size_t most) {
  std::string rendered;
  for (TemplateReader reader(text, kFileRule); !reader.done();) {
    const absl::StatusOr<TemplatePiece> piece = reader.Next();
    if (!piece.ok()) return InItsLine(reader, piece.status());
    absl::StrAppend(&rendered, piece->text);
    if (piece->has_name) {
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
