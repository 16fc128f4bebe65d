#ifndef DAVIT_CLIENT_OUTPUT_PLAIN_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_PLAIN_TEXT_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "client/output/deployment_model.h"
#include "davit/v1/deployment.pb.h"

namespace davit::output {

// Turns events into lines for logs: one for each change of state, "+12.3s"
// since the deployment's beginning in front, no control characters, progress of
// a step every 10 seconds at most, and nothing twice.
class PlainText {
 public:
  // Lines without newlines; none for an event that says nothing new.
  std::vector<std::string> Lines(const v1::Event& event, const DeploymentModel& model);

 private:
  std::vector<std::string> DeploymentLines(const v1::Deployment& deployment,
                                           const DeploymentModel& model);
  std::vector<std::string> StepLines(const v1::Step& step) const;
  std::vector<std::string> ProgressLines(const v1::Event& event, const DeploymentModel& model);
  std::vector<std::string> LogLines(const v1::StepLog& log, const DeploymentModel& model);
  // Whether the log that the failure of a step ends with was shown line by line.
  bool WasTold(const std::string& step_id, const v1::Failure& failure) const;

  struct LastProgress {
    absl::Time time;
    std::string text;
  };

  absl::Time begin_ = absl::InfinitePast();
  v1::DeploymentState state_ = v1::DEPLOYMENT_STATE_UNSPECIFIED;
  std::map<std::string, LastProgress> last_progress_;
  std::map<std::string, std::deque<std::string>> logs_;  // the newest lines of each step
};

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_PLAIN_TEXT_H_
