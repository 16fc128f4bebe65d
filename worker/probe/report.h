#ifndef DAVIT_WORKER_PROBE_REPORT_H_
#define DAVIT_WORKER_PROBE_REPORT_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace davit::probe {

// What the probe is asked about one path.
struct Question {
  std::string path;    // absolute, as the container sees it
  bool write = false;  // whether it must be writable, too
};

// What it found.
struct Answer {
  std::string kind;     // directory, file, socket, other; missing; hidden: behind `denied`
  int read_error = 0;   // errno of reading it; 0: it can be read
  int write_error = 0;  // errno of writing it; 0: it can be written; -1: not asked
  // The place that decides: the first directory above that may not be passed,
  // else the path itself.
  std::string denied;
  uid_t uid = 0;  // of the place; all three 0 when there is no such thing
  gid_t gid = 0;
  mode_t mode = 0;

  bool readable() const { return read_error == 0; }
  bool writable() const { return write_error <= 0; }
};

struct Report {
  uid_t uid = 0;  // whom the container runs as
  gid_t gid = 0;
  std::vector<gid_t> groups;    // the supplementary ones, sorted
  std::vector<Answer> answers;  // one for each question, in order
};

// The arguments that ask the probe.
std::vector<std::string> Arguments(const std::vector<Question>& questions);

// What `output` of a probe that was asked so says. DATA_LOSS when it is not the
// whole output of one.
absl::StatusOr<Report> ParseReport(absl::string_view output,
                                   const std::vector<Question>& questions);

}  // namespace davit::probe

#endif  // DAVIT_WORKER_PROBE_REPORT_H_
