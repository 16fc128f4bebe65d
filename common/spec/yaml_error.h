#ifndef DAVIT_COMMON_SPEC_YAML_ERROR_H_
#define DAVIT_COMMON_SPEC_YAML_ERROR_H_

#include <string>

#include "common/spec/problem_list.h"
#include "common/spec/source_text.h"

namespace davit::spec {

// Turns a complaint of yaml-cpp into one that says what to look for.
void AddYamlError(const SourceText& source, Offset offset, const std::string& complaint,
                  ProblemList& problems);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_YAML_ERROR_H_
