#ifndef DAVIT_TESTS_BENCH_LOGS_NUMBERED_LINES_H_
#define DAVIT_TESTS_BENCH_LOGS_NUMBERED_LINES_H_

#include <grpcpp/server_context.h>

#include <algorithm>
#include <string>

#include "davit/worker/v1/worker_service.grpc.pb.h"

namespace davit {

// A log out of memory: as many numbered lines of 100 bytes as are asked for, in
// messages of nearly 64 KiB, as fast as they are taken.
class NumberedLines final : public grpc::ServerWriteReactor<worker::v1::TailLogsResponse> {
 public:
  explicit NumberedLines(int lines) : lines_(lines) {
    message_.set_stream(v1::STDOUT);
    SendNext();
  }
  void OnWriteDone(bool ok) override { ok ? SendNext() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  static constexpr int kLineBytes = 100;
  static constexpr int kDigits = 10;
  static constexpr int kLinesAtOnce = (64 << 10) / kLineBytes;

  void SendNext() {
    const int count = std::min(kLinesAtOnce, lines_ - next_);
    if (count == 0) return Finish(grpc::Status::OK);
    std::string& data = *message_.mutable_data();
    data.resize(static_cast<size_t>(count) * kLineBytes, 'x');
    for (int i = 0; i < count; ++i) WriteLine(&data[static_cast<size_t>(i) * kLineBytes]);
    StartWrite(&message_);
  }
  void WriteLine(char* line) {
    int number = next_++;
    for (int digit = kDigits - 1; digit >= 0; --digit, number /= 10) {
      line[digit] = static_cast<char>('0' + number % 10);
    }
    line[kDigits] = ' ';
    line[kLineBytes - 1] = '\n';
  }

  const int lines_;
  int next_ = 0;
  worker::v1::TailLogsResponse message_;
};

}  // namespace davit

#endif  // DAVIT_TESTS_BENCH_LOGS_NUMBERED_LINES_H_
