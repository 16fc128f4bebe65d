#ifndef DAVIT_CLIENT_OUTPUT_DEPLOYMENT_MODEL_H_
#define DAVIT_CLIENT_OUTPUT_DEPLOYMENT_MODEL_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "davit/v1/deployment.pb.h"

namespace davit::output {

// What is going on under a step.
struct Activity {
  v1::StepProgress progress;           // the newest
  absl::Time first_time;               // when `progress.phase` was first heard of
  int64_t first_done = 0;              // and how far it was then
  absl::Time last_time;                // of `progress`
  std::deque<std::string> last_lines;  // of the log, sanitized, oldest first

  // Units a second since the phase began; 0 when that cannot be told yet.
  double Rate() const;
};

// A deployment as its journal tells it so far. An event that was applied
// already (a replay after a broken stream) changes nothing.
class DeploymentModel {
 public:
  static constexpr size_t kLogLines = 3;

  // False when the event was known.
  bool Apply(const v1::Event& event);

  // Steps are those that were planned so far, in the journal's order.
  const v1::Deployment& deployment() const { return deployment_; }
  int64_t last_sequence() const { return last_sequence_; }
  bool ended() const;

  // nullptr when there is none of that id.
  const v1::Step* FindStep(absl::string_view id) const;
  // nullptr when nothing was heard of it.
  const Activity* FindActivity(absl::string_view id) const;
  // Steps that run now, in the plan's order.
  std::vector<const v1::Step*> Running() const;

 private:
  void Replace(const v1::Deployment& deployment);
  void Replace(const v1::Step& step);
  void Progress(const v1::StepProgress& progress, absl::Time time);
  void Log(const v1::StepLog& log);

  v1::Deployment deployment_;
  int64_t last_sequence_ = 0;
  std::map<std::string, int, std::less<>> index_;
  std::map<std::string, Activity, std::less<>> activities_;
};

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);

// How long a step took, for people; empty until it has ended.
std::string TimeTaken(const v1::Step& step);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_DEPLOYMENT_MODEL_H_
