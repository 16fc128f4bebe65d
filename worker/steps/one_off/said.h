#ifndef DAVIT_WORKER_STEPS_ONE_OFF_SAID_H_
#define DAVIT_WORKER_STEPS_ONE_OFF_SAID_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "davit/v1/deployment.pb.h"
#include "worker/docker/engine.h"

namespace davit::steps {

// Looks for texts in output that comes in pieces: each stream by itself, a text also
// across pieces and lines.
class TextSearch {
 public:
  // Empty texts are not looked for.
  explicit TextSearch(std::vector<std::string> texts);

  void Put(v1::LogStream stream, absl::string_view piece);
  // The first that was found, of several at once the first in the list; empty: none.
  const std::string& found() const { return found_; }

 private:
  const std::vector<std::string> texts_;
  size_t longest_ = 0;
  std::map<v1::LogStream, std::string> ends_;  // of what came, shorter than the longest text
  std::string found_;
};

// Which of the texts a container that has ended has said; empty: none. Errors as of
// Engine::Logs: it may have.
absl::StatusOr<std::string> FindSaid(docker::Engine& engine, const std::string& container,
                                     std::vector<std::string> texts);

// The last `most` bytes, in whole lines, of what it has said; what can be had of it.
std::string EndOfOutput(docker::Engine& engine, const std::string& container, size_t most);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_ONE_OFF_SAID_H_
