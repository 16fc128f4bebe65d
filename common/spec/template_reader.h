#ifndef DAVIT_COMMON_SPEC_TEMPLATE_READER_H_
#define DAVIT_COMMON_SPEC_TEMPLATE_READER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::spec {

// What may stand between {{ and }} in texts of one kind.
struct TemplateRule {
  bool (*is_name)(absl::string_view name);  // without blanks around it
  absl::string_view wanted;                 // in words: "the name of a variable"
};

// What comes next in a template: a piece of text, then perhaps a name.
struct TemplatePiece {
  std::string text;
  absl::string_view name;
  bool has_name = false;  // not at the end
};

// Reads {{NAME}}, with or without blanks around the name, and {{{{ as a plain {{.
class TemplateReader {
 public:
  // `text` outlives it, and the names that it gives.
  TemplateReader(absl::string_view text, const TemplateRule& rule)
      : all_(text), rest_(text), rule_(rule) {}

  bool done() const { return rest_.empty(); }
  // In which line of the text it is, from 1: after an error, in that of the {{.
  int line() const;

  // INVALID_ARGUMENT that says what is wrong.
  absl::StatusOr<TemplatePiece> Next();

 private:
  absl::StatusOr<TemplatePiece> Name(TemplatePiece piece);

  const absl::string_view all_;
  absl::string_view rest_;
  const TemplateRule rule_;
};

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_TEMPLATE_READER_H_
