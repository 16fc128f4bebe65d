#include "tests/bench/comparison.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace davit::bench {
namespace {

std::string WithCommas(int64_t number) {
  std::string text = absl::StrCat(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(at, 1, ',');
  return text;
}

// Three digits that count, whatever the size.
std::string Text(double value) {
  if (value >= 1000) return WithCommas(static_cast<int64_t>(value + 0.5));
  return absl::StrFormat("%.*f", value >= 100 ? 0 : value >= 10 ? 1 : 2, value);
}

void PrintRow(const Comparison& comparison, double ours, double against,
              const std::vector<double>& ratios) {
  const double ratio = Median(ratios);
  const bool met = comparison.at_least ? ratio >= comparison.goal : ratio <= comparison.goal;
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  const std::vector<std::string> cells = {
      comparison.what,
      absl::StrCat(Text(ours), " ", comparison.unit),
      absl::StrCat(Text(against), " ", comparison.unit),
      absl::StrCat(Text(ratio), " (", Text(*least), " to ", Text(*most), ")"),
      absl::StrCat(comparison.at_least ? ">= " : "<= ", comparison.goal),
      met ? "yes" : "NO",
  };
  absl::PrintF("%s\n", absl::StrJoin(cells, " | "));
  fflush(stdout);
}

[[noreturn]] void RefuseArgument(absl::string_view argument) {
  absl::FPrintF(stderr, "%s: expected --pairs=N, --smoke, --trace or --directory=PATH\n", argument);
  std::exit(2);
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--smoke") {
      options.smoke = true;
      options.pairs = 1;
    } else if (argument == "--trace") {
      options.trace = true;
    } else if (absl::ConsumePrefix(&argument, "--directory=")) {
      options.directory = std::string(argument);
    } else if (!absl::ConsumePrefix(&argument, "--pairs=") ||
               !absl::SimpleAtoi(argument, &options.pairs) || options.pairs < 1) {
      RefuseArgument(argv[i]);
    }
  }
  return options;
}

Figures Compare(const Comparison& comparison, const Options& options, const Measure& ours,
                const Measure& against) {
  if (!options.smoke) {
    ours();
    against();
  }
  Figures figures;
  std::vector<double> ratios;
  for (int pair = 0; pair < options.pairs; ++pair) {
    const bool ours_first = pair % 2 == 0;
    const double first = ours_first ? ours() : against();
    const double second = ours_first ? against() : ours();
    figures.ours.push_back(ours_first ? first : second);
    figures.against.push_back(ours_first ? second : first);
    ratios.push_back(figures.ours.back() / figures.against.back());
  }
  PrintRow(comparison, Median(figures.ours), Median(figures.against), ratios);
  return figures;
}

void CompareWithNumber(const Comparison& comparison, const std::vector<double>& ours,
                       double wanted) {
  std::vector<double> ratios;
  for (const double figure : ours) ratios.push_back(figure / wanted);
  PrintRow(comparison, Median(ours), wanted, ratios);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void Require(bool ok, absl::string_view what) {
  if (ok) return;
  absl::FPrintF(stderr, "bench: %s\n", what);
  std::exit(1);
}

}  // namespace davit::bench
