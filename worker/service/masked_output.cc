#include "worker/service/masked_output.h"

#include <string>
#include <utility>

namespace davit::service {

std::vector<v1::StepLog> MaskedOutput::Put(v1::StepLog log) {
  MaskingStream& stream = log.stream() == v1::STDERR ? err_ : out_;
  log.set_data(stream.Put(log.data()));
  last_ = log.position();
  Add(std::move(log));
  if (out_.held() + err_.held() > 0 && waiting_bytes_ < kMostWaiting) return {};
  return TakeWaiting();
}

std::vector<v1::StepLog> MaskedOutput::Flush() {
  for (const v1::LogStream stream : {v1::STDOUT, v1::STDERR}) {
    v1::StepLog log;
    log.set_stream(stream);
    log.set_data((stream == v1::STDERR ? err_ : out_).Flush());
    *log.mutable_position() = last_;
    if (!log.data().empty()) Add(std::move(log));
  }
  return TakeWaiting();
}

void MaskedOutput::Add(v1::StepLog log) {
  waiting_bytes_ += log.data().size();
  // Nothing of a piece may be left where a mask goes on; its position still counts.
  const bool is_more = log.data().empty() && !waiting_.empty();
  if (is_more && waiting_.back().stream() == log.stream()) {
    *waiting_.back().mutable_position() = log.position();
  } else {
    waiting_.push_back(std::move(log));
  }
}

std::vector<v1::StepLog> MaskedOutput::TakeWaiting() {
  waiting_bytes_ = 0;
  return std::exchange(waiting_, {});
}

}  // namespace davit::service
