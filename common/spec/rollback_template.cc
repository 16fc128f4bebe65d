#include "common/spec/rollback_template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/spec/template_reader.h"

namespace davit::spec {
namespace {

constexpr absl::string_view kPrevious = "previous:";

// Django's labels of applications are Python's names.
bool IsPrevious(absl::string_view name) {
  return absl::ConsumePrefix(&name, kPrevious) && std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ||
                  c == '.';
         });
}

constexpr TemplateRule kRule = {
    IsPrevious, "`previous:LABEL`, the last migration of LABEL that was applied before"};

}  // namespace

absl::StatusOr<std::string> RenderPrevious(absl::string_view word, PreviousLookup lookup) {
  std::string rendered;
  for (TemplateReader reader(word, kRule); !reader.done();) {
    const absl::StatusOr<TemplatePiece> piece = reader.Next();
    if (!piece.ok()) return piece.status();
    absl::StrAppend(&rendered, piece->text);
    if (piece->has_name)
      absl::StrAppend(&rendered, lookup(absl::StripPrefix(piece->name, kPrevious)));
  }
  return rendered;
}

absl::StatusOr<bool> HasPrevious(absl::string_view word) {
  bool has = false;
  const auto rendered = RenderPrevious(word, [&has](absl::string_view) {
    has = true;
    return std::string();
  });
  if (!rendered.ok()) return rendered.status();
  return has;
}

}  // namespace davit::spec
