#ifndef DAVIT_WORKER_DOCKER_JSON_LINES_H_
#define DAVIT_WORKER_DOCKER_JSON_LINES_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "worker/docker/json.h"

namespace davit::docker {

// What the engine says while it works: a JSON value a line, in pieces cut anywhere.
class JsonLines {
 public:
  using Reader = absl::FunctionRef<void(const Json&)>;

  // Calls `read` for each line that is whole by now; what is no JSON is passed over.
  void Feed(absl::string_view data, Reader read);
  // The last line need have no end.
  void Finish(Reader read) { Feed("\n", read); }

 private:
  std::string begun_;  // a line that is not whole
};

}  // namespace davit::docker

#endif  // DAVIT_WORKER_DOCKER_JSON_LINES_H_
