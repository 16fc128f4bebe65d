#ifndef DAVIT_TESTS_SUPPORT_PROCESS_H_
#define DAVIT_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace davit::test {

// A program in the background, stopped by its process id when the object goes.
// It also dies with the thread that started it, so that a crashed test leaves
// none behind.
class Process {
 public:
  // `arguments` begins with the program, which is looked up in PATH. Both of
  // its outputs are appended to `log_path`.
  static absl::StatusOr<std::unique_ptr<Process>> Start(std::vector<std::string> arguments,
                                                        const std::string& log_path);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();

  // SIGTERM, then SIGKILL after `grace`. Does nothing when it has ended.
  void Stop(absl::Duration grace = absl::Seconds(5));

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  const pid_t pid_;
  bool ended_ = false;
};

// Runs a program to its end and returns its standard output. Fails unless it
// exits with 0.
absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& arguments);

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_PROCESS_H_
