#ifndef DAVIT_CLIENT_OUTPUT_LIVE_BLOCK_H_
#define DAVIT_CLIENT_OUTPUT_LIVE_BLOCK_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/output/deployment_model.h"
#include "client/output/reporter.h"
#include "client/output/style.h"

namespace davit::output {

// What runs now, as lines that fit the terminal: for each step its host, title,
// elapsed time and progress, and the last lines of its log. `frame` counts up
// and turns the spinner.
std::vector<std::string> LiveBlock(const DeploymentModel& model, absl::Time now, int frame,
                                   TerminalSize size, const Style& style);

// "[=======>     ]" in `width` columns; empty when the total is unknown.
std::string ProgressBar(int64_t done, int64_t total, int width);

// The line of a step that has ended: a sign, host, title, duration, summary.
std::string EndedStepLine(const v1::Step& step, int width, const Style& style);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_LIVE_BLOCK_H_
