#ifndef DAVIT_CLIENT_OUTPUT_REPORTER_H_
#define DAVIT_CLIENT_OUTPUT_REPORTER_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "client/output/deployment_model.h"
#include "common/clock.h"
#include "davit/v1/deployment.pb.h"

namespace davit::output {

// Shows a deployment to whoever watches. One thread at a time.
class Reporter {
 public:
  virtual ~Reporter() = default;

  // `model` has the event applied already.
  virtual void OnEvent(const v1::Event& event, const DeploymentModel& model) = 0;
  // Time has passed; called several times a second while nothing happens.
  virtual void Tick(const DeploymentModel& model) = 0;
  // Something about the watching itself: a broken connection, an agent that
  // was started again.
  virtual void OnNotice(absl::string_view text) = 0;
  // The watching has ended; the deployment may go on.
  virtual void Finish(const DeploymentModel& model) = 0;
};

struct TerminalSize {
  int width = 80;
  int height = 24;
};

// For people at a terminal that understands escape sequences: what runs is
// redrawn in place, what has ended scrolls up. The cursor is hidden while a
// block is shown and always given back.
std::unique_ptr<Reporter> MakeTerminalReporter(std::ostream& out, const Clock& clock,
                                               std::function<TerminalSize()> size, bool color);

// One line for each change of state, without control characters.
std::unique_ptr<Reporter> MakePlainReporter(std::ostream& out);

// The journal's events as they came, one JSON object a line; notices go to
// `notices`.
std::unique_ptr<Reporter> MakeJsonReporter(std::ostream& out, std::ostream& notices);

// For GitHub Actions: groups and annotations on `out`, and a job summary in
// Markdown to `summary` at the end.
std::unique_ptr<Reporter> MakeGithubReporter(std::ostream& out,
                                             std::function<void(const std::string&)> summary);

// Failures and the last line only, wrapped to `width` columns (0: not at all).
std::unique_ptr<Reporter> MakeQuietReporter(std::ostream& out, int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_REPORTER_H_
