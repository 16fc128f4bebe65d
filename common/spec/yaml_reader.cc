#include "common/spec/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/spec/yaml_builder.h"
#include "common/spec/yaml_error.h"

namespace davit::spec {
namespace {

// A second document is an error wherever it begins.
class NothingMore : public YAML::EventHandler {
 public:
  NothingMore(const SourceText& source, ProblemList& problems)
      : source_(source), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    const bool marked = absl::StartsWith(source_.text().substr(mark.pos), "---");
    problems_.Add(mark.pos, marked
                                ? "a second document begins here; the file is one document"
                                : "the document has ended before this; is the indentation right?");
    throw StopReading();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  const SourceText& source_;
  ProblemList& problems_;
};

NodePtr ReadOneDocument(const SourceText& source, ProblemList& problems) {
  // yaml-cpp takes the end of the file for that of a quoted text, and all of
  // the file's rest into it; a marker it does not.
  std::istringstream stream(absl::StrCat(source.text(), "\n...\n"));
  YAML::Parser parser(stream);
  YamlBuilder builder(source, problems);
  if (!parser.HandleNextDocument(builder) || builder.root()->is_null()) {
    problems.Add(kWholeFile, "the file is empty");
    return nullptr;
  }
  NothingMore nothing_more(source, problems);
  parser.HandleNextDocument(nothing_more);
  return builder.root();
}

}  // namespace

NodePtr ReadYaml(const SourceText& source, ProblemList& problems) {
  try {
    return ReadOneDocument(source, problems);
  } catch (const StopReading&) {
    return nullptr;  // the problem has been added
  } catch (const YAML::ParserException& e) {
    AddYamlError(source, e.mark.is_null() ? kWholeFile : e.mark.pos, e.msg, problems);
  } catch (const std::exception& e) {
    problems.Add(kWholeFile, absl::StrCat("the YAML cannot be read: ", e.what()));
  }
  return nullptr;
}

NodePtr ReadTree(const SourceText& source, ProblemList& problems) {
  if (std::optional<TextFault> fault = FindTextFault(source.text()); fault.has_value()) {
    problems.Add(fault->offset, std::move(fault->message));
    return nullptr;
  }
  return ReadYaml(source, problems);
}

}  // namespace davit::spec
