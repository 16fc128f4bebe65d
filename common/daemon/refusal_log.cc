#include "common/daemon/refusal_log.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/time/clock.h"

namespace davit {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr int kLinesAMinute = 20;

// gRPC's threads may call it until the process ends.
RefusalLog& ThisProcess() {
  static auto* const log = new RefusalLog;
  return *log;
}

}  // namespace

bool RefusalLog::MayWrite(absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  if (now >= minute_ + kMinute || now < minute_) {
    minute_ = now;
    lines_ = 0;
  }
  if (lines_ < kLinesAMinute) {
    ++lines_;
    return true;
  }
  ++left_out_;
  return false;
}

void RefusalLog::Write(const Refusal& refusal, absl::Time now) {
  const auto level = refusal.by_peer ? spdlog::level::debug : spdlog::level::warn;
  if (!spdlog::should_log(level) || !MayWrite(now)) return;
  TellLeftOut();
  spdlog::log(level, refusal.text);
}

void RefusalLog::TellLeftOut() {
  int64_t count = 0;
  {
    const absl::MutexLock lock(&mutex_);
    count = std::exchange(left_out_, 0);
  }
  if (count > 0) spdlog::warn("refused {} more times, too often to be told one by one", count);
}

LogsRefusals::LogsRefusals() {
  SetRefusalSink([](const Refusal& refusal) { ThisProcess().Write(refusal, absl::Now()); });
}

LogsRefusals::~LogsRefusals() {
  SetRefusalSink(nullptr);
  TellLeftOut();
}

void LogsRefusals::TellLeftOut() { ThisProcess().TellLeftOut(); }

}  // namespace davit
