#ifndef DAVIT_CLIENT_OUTPUT_NEXT_COMMAND_H_
#define DAVIT_CLIENT_OUTPUT_NEXT_COMMAND_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "davit/v1/deployment.pb.h"
#include "davit/v1/deployment_service.pb.h"
#include "davit/v1/failure.pb.h"

namespace davit::output {

// A command that a text advises: text.substr(begin, end - begin).
struct CommandSpan {
  size_t begin = 0;
  size_t end = 0;
};

// Where the next command of this program begins from `from` on; nothing when there is none. A word
// of a sentence ("when davit runs") is none: it begins the text, or stands behind a backquote, a
// bracket or ": ".
std::optional<CommandSpan> FindCommand(absl::string_view text, size_t from);

// Advice can stand in a catalogue, which knows of no deployment and no host: fills
// `id` and `host` in where it says DEPLOYMENT and HOST. Empty ones are not filled in.
void FillIn(v1::Failure& failure, absl::string_view id, absl::string_view host);

// The controller advises commands ("davit watch d-1", "look at it with `davit
// show`") and cannot know by which options its user reaches it. Each adds
// `options` (" --local"; may be empty) to those commands that speak to a controller.
std::string CompleteCommands(absl::string_view text, absl::string_view options);
// In the evidence, too, which has a command in brackets: "(davit secrets set NAME)".
void CompleteCommands(v1::Failure& failure, absl::string_view options);
// These fill in what FillIn does as well.
void CompleteCommands(v1::Deployment& deployment, absl::string_view options);
void CompleteCommands(v1::Event& event, absl::string_view options);
void CompleteCommands(v1::CheckDeploymentResponse& check, absl::string_view options);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_NEXT_COMMAND_H_
