#include "common/spec/yaml_error.h"

#include <yaml-cpp/exceptions.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace davit::spec {
namespace {

struct Translation {
  const char* complaint;
  const char* message;
};

const Translation kTranslations[] = {
    {YAML::ErrorMsg::MAP_VALUE,
     "a `key: value` cannot stand here; is the indentation right, or does a text with ': ' lack "
     "quotes?"},
    {YAML::ErrorMsg::MAP_KEY, "a key cannot stand here; is the indentation right?"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a list entry cannot stand here; is the indentation right?"},
    {YAML::ErrorMsg::END_OF_MAP,
     "this does not fit the mapping around it; is the indentation "
     "right, or a ':' missing?"},
    {YAML::ErrorMsg::END_OF_SEQ, "this does not fit the list around it; is the indentation right?"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "a ',' or '}' is missing before this"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "a ',' or ']' is missing before this"},
    {YAML::ErrorMsg::FLOW_END, "a ']' or '}' that nothing opened"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "a quoted text has no end before this"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a quoted text has no end before this"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation; YAML wants spaces"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "this character cannot begin a value; put the text in quotes"},
    {YAML::ErrorMsg::ALIAS_CONTENT, "an alias cannot have a value of its own"},
};

std::string Translate(const std::string& complaint) {
  if (absl::StartsWith(complaint, YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    return "the alias refers to no anchor above it";
  }
  for (const Translation& translation : kTranslations) {
    if (complaint == translation.complaint) return translation.message;
  }
  return absl::StrCat("not valid YAML: ", complaint);
}

// The tab in the line's indentation, or kWholeFile.
Offset TabInIndentation(const SourceText& source, int line) {
  if (line < 1) return kWholeFile;
  const absl::string_view text = source.Line(line);
  const size_t content = text.find_first_not_of(" \t");
  const size_t tab = text.find('\t');
  if (tab == absl::string_view::npos || content == absl::string_view::npos || tab > content) {
    return kWholeFile;
  }
  return source.LineStart(line) + static_cast<Offset>(tab);
}

// In {…} and […] the brace of a variable ends the mapping.
absl::string_view HintAt(const SourceText& source, int line) {
  const bool has_variable = line > 0 && absl::StrContains(source.Line(line), "${");
  return has_variable ? "; within {} and [] a ${VARIABLE} needs quotes around it" : "";
}

}  // namespace

void AddYamlError(const SourceText& source, Offset offset, const std::string& complaint,
                  ProblemList& problems) {
  // yaml-cpp reads a tab as blank space and then complains of what follows it.
  const int line = source.Place(offset).line;
  for (int candidate : {line, line - 1}) {
    const Offset tab = TabInIndentation(source, candidate);
    if (tab == kWholeFile) continue;
    problems.Add(tab, "a tab in the indentation; YAML wants spaces");
    return;
  }
  problems.Add(offset, absl::StrCat(Translate(complaint), HintAt(source, line)));
}

}  // namespace davit::spec
