#include "common/redaction/masking_stream.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace davit {

MaskingStream::MaskingStream(const Redactor* redactor)
    : redactor_(redactor), escaped_(&redactor->automaton()) {}

void MaskingStream::Search(absl::string_view piece) {
  const PatternAutomaton& automaton = redactor_->automaton();
  const auto found = [this](uint64_t begin, uint64_t end) { Add(begin, end); };
  for (size_t i = 0; i < piece.size();) {
    size_t read = 0;
    // Mostly there is no escape.
    if (escaped_.idle()) read = automaton.Read(piece.substr(i), escaped_.wakes(), plain_);
    if (read == 0) {
      escaped_.Put(piece[i], end_, plain_, found);
      plain_ = automaton.Next(plain_, piece[i]);
      read = 1;
    }
    i += read;
    end_ += read;
    if (const uint32_t match = automaton.match(plain_); match > 0) Add(end_ - match, end_);
  }
}

void MaskingStream::Add(uint64_t begin, uint64_t end) {
  while (!found_.empty() && found_.back().end >= begin) {
    begin = std::min(begin, found_.back().begin);
    end = std::max(end, found_.back().end);
    found_.pop_back();
  }
  found_.push_back({begin, end});
}

void MaskingStream::LetOut(absl::string_view text, uint64_t limit, std::string& out) {
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
}

void MaskingStream::Put(absl::string_view piece, std::string& out) {
  Search(piece);
  const uint64_t limit =
      std::min(end_ - redactor_->automaton().open(plain_), escaped_.Earliest(end_));
  if (held_.empty()) {
    LetOut(piece, limit, out);
    piece.remove_prefix(piece.size() - (end_ - let_out_));
    held_.assign(piece.data(), piece.size());
    return;
  }
  held_.append(piece.data(), piece.size());
  LetOut(held_, limit, out);
  held_.erase(0, held_.size() - (end_ - let_out_));
}

std::string MaskingStream::Put(absl::string_view piece) {
  std::string out;
  Put(piece, out);
  return out;
}

std::string MaskingStream::Flush() {
  std::string out;
  LetOut(held_, end_, out);
  *this = MaskingStream(redactor_);
  return out;
}

}  // namespace davit
