#ifndef DAVIT_TESTS_SUPPORT_PROCESS_H_
#define DAVIT_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
  // Waits until `text` is in its outputs. DEADLINE_EXCEEDED; INTERNAL, with what it
  // has said, when it has ended without.
  absl::Status AwaitOutput(absl::string_view text, absl::Duration patience);

  // SIGTERM, then SIGKILL after `grace`. Does nothing when it has ended.
  void Stop(absl::Duration grace = absl::Seconds(5));

 private:
  Process(pid_t pid, std::string log_path) : pid_(pid), log_path_(std::move(log_path)) {}

  const pid_t pid_;
  const std::string log_path_;
  bool ended_ = false;
};

// Runs a program to its end and returns its standard output. Fails unless it
// exits with 0.
absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& arguments);

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_PROCESS_H_
