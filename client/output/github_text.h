#ifndef DAVIT_CLIENT_OUTPUT_GITHUB_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_GITHUB_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "davit/v1/deployment.pb.h"

namespace davit::output {

// A workflow command that annotates the run: ::error title=…::… or ::warning….
std::string Annotation(const v1::Step& step);
std::string Annotation(const v1::Failure& failure);

// `line` so that the runner takes nothing in it for a workflow command.
std::string WithoutCommands(absl::string_view line);

// Title of the group of a phase's lines: "release", "rollback of web v3", "removing what
// was prepared".
std::string GroupTitle(v1::Phase phase, const v1::Deployment& deployment);

// The job summary, in Markdown.
std::string JobSummary(const v1::Deployment& deployment);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_GITHUB_TEXT_H_
