#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/comparison.h"
#include "worker/service/log_frames.h"
#include "worker/service/masked_lines.h"

// What masking costs a worker's logs: nothing without secrets, and with some of them
// less than any log driver costs.
namespace davit::bench {
namespace {

using service::LogFrames;
using service::MaskedLines;

constexpr int kSecrets = 20;
constexpr double kWantedRate = 100;  // MB/s

Redactor RedactorOf(int secrets) {
  std::vector<std::string> values;
  for (int i = 0; i < secrets; ++i)
    values.push_back(absl::StrCat("pK", i * 7919, "/s3cret value+"));
  return Redactor(values);
}

// A line of an access log, with what escapes have in it.
std::string LineOf(int i) {
  return absl::StrCat("10.0.0.", i % 256, " - - \"GET /api/orders/", i * 7919 % 100'000,
                      "?q=a%20b+c&page=", i % 50, " HTTP/1.1\" 200 ", i % 9973, " \"it's fine\"");
}

// MB/s of lines put by `put` into frames.
template <typename Put>
double Rate(const Options& options, Put put) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) lines.push_back(LineOf(i));
  size_t bytes = 0;
  LogFrames frames([&bytes](const worker::v1::TailLogsResponse& frame) {
    bytes += frame.data().size();
    return true;
  });
  const absl::Time begin = absl::Now();
  for (int round = 0; round < (options.smoke ? 1 : 2000); ++round) {
    for (const std::string& line : lines) put(frames, line);
  }
  frames.Finish();
  return static_cast<double>(bytes) / 1e6 / absl::ToDoubleSeconds(absl::Now() - begin);
}

double MaskedRate(const Options& options, int secrets) {
  const Redactor redactor = RedactorOf(secrets);
  std::unique_ptr<MaskedLines> masked;
  return Rate(options, [&](LogFrames& frames, const std::string& line) {
    if (masked == nullptr) masked = std::make_unique<MaskedLines>(&redactor, &frames);
    masked->Put(v1::STDOUT, line);
  });
}

void RunAll(const Options& options) {
  const auto frames_alone = [&] {
    return Rate(options,
                [](LogFrames& frames, const std::string& line) { frames.Put(v1::STDOUT, line); });
  };
  Compare(
      {"lines of a log without secrets, against none being looked for", "MB/s", 0.95}, options,
      [&] { return MaskedRate(options, 0); }, frames_alone);
  const Figures figures = Compare(
      {absl::StrCat("lines of a log with ", kSecrets, " secrets, against one with 1,000"), "MB/s",
       0.95},
      options, [&] { return MaskedRate(options, kSecrets); },
      [&] { return MaskedRate(options, 1000); });
  CompareWithNumber(
      {absl::StrCat("lines of a log with ", kSecrets, " secrets, against the number wanted"),
       "MB/s", 1},
      figures.ours, kWantedRate);
}

}  // namespace
}  // namespace davit::bench

int main(int argc, char** argv) {
  davit::bench::RunAll(davit::bench::ParseOptions(argc, argv));
  return 0;
}
