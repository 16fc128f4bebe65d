#include "common/redaction/pattern_automaton.h"

#include <algorithm>

namespace davit {
namespace {

constexpr size_t kDenseStates = 1024;

// The patterns that begin with what a state stands for.
struct Sharing {
  size_t begin;
  size_t end;
};

}  // namespace

PatternAutomaton::PatternAutomaton(absl::Span<const std::string> patterns) {
  std::vector<Sharing> sharing = {{0, patterns.size()}};
  AddState(0, kStart);
  for (State state = 0; state < byte_.size(); ++state) {
    first_child_.push_back(static_cast<State>(byte_.size()));
    auto [i, end] = sharing[state];
    const size_t depth = depth_[state];
    match_[state] = match_[fallback_[state]];
    if (i < end && patterns[i].size() == depth) {
      match_[state] = depth_[state];
      ++i;
    }
    while (i < end) {
      const size_t begin = i;
      while (i < end && patterns[i][depth] == patterns[begin][depth]) ++i;
      sharing.push_back({begin, i});
      AddState(static_cast<uint8_t>(patterns[begin][depth]), state);
    }
    const bool goes_on = byte_.size() > first_child_[state];
    open_.push_back(goes_on || state == kStart ? depth_[state] : open_[fallback_[state]]);
  }
  first_child_.push_back(static_cast<State>(byte_.size()));
  MakeDense();
}

void PatternAutomaton::AddState(uint8_t byte, State parent) {
  const bool is_start = byte_.empty();
  fallback_.push_back(parent == kStart ? kStart : Next(fallback_[parent], static_cast<char>(byte)));
  depth_.push_back(is_start ? 0 : depth_[parent] + 1);
  match_.push_back(0);
  byte_.push_back(byte);
  if (!is_start) uses_[byte] = true;
}

void PatternAutomaton::MakeDense() {
  std::vector<std::array<State, 256>> dense(std::min(kDenseStates, states()));
  for (State state = 0; state < dense.size(); ++state) {
    // A fallback has a smaller number: it is there.
    if (state != kStart) dense[state] = dense[fallback_[state]];
    for (State child = first_child_[state]; child < first_child_[state + 1]; ++child) {
      dense[state][byte_[child]] = child;
    }
  }
  dense_ = std::move(dense);
}

}  // namespace davit
