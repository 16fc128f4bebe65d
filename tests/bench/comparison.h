#ifndef DAVIT_TESTS_BENCH_COMPARISON_H_
#define DAVIT_TESTS_BENCH_COMPARISON_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// What all programs of the bench have in common: their arguments, and the rows that
// they print. README.md says what a row is.
namespace davit::bench {

struct Options {
  int pairs = 5;       // of runs: ours, and what it is compared with
  bool smoke = false;  // tiny numbers: does it work, not how fast
  bool trace = false;  // run once for a tracer that looks on
  // Where files are put: on the disk that is to be measured. Kept between runs.
  std::string directory = "/var/tmp/davit-bench";
};

// From --pairs=N, --smoke, --trace and --directory=PATH. Exits at anything else.
Options ParseOptions(int argc, char** argv);

// What is measured, and what it must be.
struct Comparison {
  std::string what;
  std::string unit;      // of both figures: "/s", "ms"
  double goal = 0;       // of the ratio of ours to the other
  bool at_least = true;  // the goal is the least, else the most
};

// One run; returns its figure.
using Measure = std::function<double()>;

struct Figures {
  std::vector<double> ours;
  std::vector<double> against;
};

// Runs both once unmeasured, then `options.pairs` pairs of them, in turns of who is
// first, so that what else the machine does meets both alike. Prints the row.
Figures Compare(const Comparison& comparison, const Options& options, const Measure& ours,
                const Measure& against);

// Prints the row of figures that are held against a number instead of another run.
void CompareWithNumber(const Comparison& comparison, const std::vector<double>& ours,
                       double wanted);

double Median(std::vector<double> values);

// Says what goes wrong, and ends the program, when `ok` is false.
void Require(bool ok, absl::string_view what);

}  // namespace davit::bench

#endif  // DAVIT_TESTS_BENCH_COMPARISON_H_
