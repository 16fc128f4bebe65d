#ifndef DAVIT_CLIENT_OUTPUT_BUILD_TEXT_H_
#define DAVIT_CLIENT_OUTPUT_BUILD_TEXT_H_

#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "davit/v1/build_service.pb.h"

namespace davit::output {

// Shows a build while it runs: a line for each stage, the builder's and the test's own
// lines under it, and how far a push has got. Lines of programs have "| " before them:
// so they cannot be taken for commands by a CI system, nor do they move a cursor.
class BuildText {
 public:
  // `live`: `out` is a terminal, where a push's progress is one line that changes;
  // else it is a line every ten seconds.
  BuildText(std::ostream& out, std::string app, bool live);
  ~BuildText();
  BuildText(const BuildText&) = delete;
  BuildText& operator=(const BuildText&) = delete;

  void Show(const v1::BuildOutput& output, absl::Time now);

 private:
  void BeginStage(const v1::BuildOutput& output);
  void ShowProgress(const v1::BuildOutput& output, absl::Time now);
  void LeaveLiveLine();

  std::ostream& out_;
  const std::string app_;
  const bool live_;
  bool on_live_line_ = false;
  v1::BuildOutput::Stage stage_ = v1::BuildOutput::STAGE_UNSPECIFIED;
  std::string reference_;  // that is pushed
  absl::Time told_ = absl::InfinitePast();
};

// "web registry.test/web:1a2b3c" and a line for each digest, or for the id of what was
// not pushed.
std::string BuiltText(const std::string& app, const v1::BuiltImage& image);

// The same as one line of JSON: app, reference, image_id, digests.
std::string BuiltJson(const std::string& app, const v1::BuiltImage& image);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_BUILD_TEXT_H_
