#include "common/redaction/masking_stream.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace davit {
namespace {

constexpr absl::string_view kMask = "***";

}  // namespace

MaskingStream::MaskingStream(const Redactor* redactor)
    : redactor_(redactor), escaped_(&redactor->automaton()) {}

void MaskingStream::Search(absl::string_view piece) {
  const PatternAutomaton& automaton = redactor_->automaton();
  PatternAutomaton::State plain = plain_;
  uint64_t position = end_;
  for (const char c : piece) {
    if (!escaped_.idle() || escaped_.wakes(c)) {
      escaped_.Put(c, position, plain, [this](uint64_t begin, uint64_t end) { Add(begin, end); });
    }
    plain = automaton.Next(plain, c);
    ++position;
    if (const uint32_t match = automaton.match(plain); match > 0) Add(position - match, position);
  }
  plain_ = plain;
  end_ = position;
}

void MaskingStream::Add(uint64_t begin, uint64_t end) {
  while (!found_.empty() && found_.back().end >= begin) {
    begin = std::min(begin, found_.back().begin);
    end = std::max(end, found_.back().end);
    found_.pop_back();
  }
  found_.push_back({begin, end});
}

std::string MaskingStream::LetOut(absl::string_view text, uint64_t limit) {
  std::string out;
  const uint64_t origin = let_out_;
  size_t done = 0;
  for (; done < found_.size() && found_[done].begin < limit; ++done) {
    const auto [begin, end] = found_[done];
    if (begin > let_out_) absl::StrAppend(&out, text.substr(let_out_ - origin, begin - let_out_));
    // One that touches a mask which has left belongs to it.
    if (masked_until_ == 0 || begin > masked_until_) absl::StrAppend(&out, kMask);
    let_out_ = masked_until_ = end;
  }
  found_.erase(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(done));
  if (limit > let_out_) {
    absl::StrAppend(&out, text.substr(let_out_ - origin, limit - let_out_));
    let_out_ = limit;
  }
  return out;
}

std::string MaskingStream::Put(absl::string_view piece) {
  Search(piece);
  const uint64_t limit =
      std::min(end_ - redactor_->automaton().open(plain_), escaped_.Earliest(end_));
  if (held_.empty()) {
    std::string out = LetOut(piece, limit);
    held_ = std::string(piece.substr(piece.size() - (end_ - let_out_)));
    return out;
  }
  held_.append(piece.data(), piece.size());
  std::string out = LetOut(held_, limit);
  held_.erase(0, held_.size() - (end_ - let_out_));
  return out;
}

std::string MaskingStream::Flush() {
  std::string out = LetOut(held_, end_);
  *this = MaskingStream(redactor_);
  return out;
}

}  // namespace davit
