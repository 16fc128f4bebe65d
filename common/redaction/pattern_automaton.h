#ifndef DAVIT_COMMON_REDACTION_PATTERN_AUTOMATON_H_
#define DAVIT_COMMON_REDACTION_PATTERN_AUTOMATON_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace davit {

// Finds many patterns in one pass (Aho and Corasick, 1975): a state stands for the
// longest beginning of a pattern that the text read so far ends with. About 20
// bytes for each byte of the patterns, and 1 MiB at most for speed. Immutable.
class PatternAutomaton {
 public:
  using State = uint32_t;
  static constexpr State kStart = 0;

  // Sorted, none empty, none twice.
  explicit PatternAutomaton(absl::Span<const std::string> patterns);

  State Next(State state, char c) const {
    const auto byte = static_cast<uint8_t>(c);
    while (state >= dense_.size()) {
      for (State child = first_child_[state]; child < first_child_[state + 1]; ++child) {
        if (byte_[child] == byte) return child;
      }
      if (state == kStart) return kStart;
      state = fallback_[state];
    }
    return dense_[state][byte];
  }
  // Reads on from the beginning of `text` up to a byte of `stops`, which is not read, or
  // to the end of a pattern; how many bytes it has read.
  size_t Read(absl::string_view text, const std::array<bool, 256>& stops, State& state) const {
    const std::array<State, 256>* const dense = dense_.data();
    const size_t dense_states = dense_.size();
    const uint32_t* const match = match_.data();
    State now = state;
    size_t i = 0;
    while (i < text.size() && !stops[static_cast<uint8_t>(text[i])]) {
      const char c = text[i++];
      now = now < dense_states ? dense[now][static_cast<uint8_t>(c)] : Next(now, c);
      if (match[now] > 0) break;
    }
    state = now;
    return i;
  }
  // Length of what the state stands for.
  uint32_t depth(State state) const { return depth_[state]; }
  // Length of the longest beginning of a pattern that ends here and that may go on.
  uint32_t open(State state) const { return open_[state]; }
  // Length of the longest pattern that ends here; 0: none does.
  uint32_t match(State state) const { return match_[state]; }
  size_t states() const { return byte_.size(); }
  // Whether a pattern has the byte.
  bool uses(char c) const { return uses_[static_cast<uint8_t>(c)]; }

 private:
  // States are numbered by depth, children of one in a row: where they begin is all
  // that has to be kept.
  void AddState(uint8_t byte, State parent);
  void MakeDense();

  std::vector<State> first_child_;  // one more than there are states
  std::vector<State> fallback_;     // the next shorter one that the text ends with
  std::vector<uint32_t> depth_;
  std::vector<uint32_t> open_;
  std::vector<uint32_t> match_;
  std::vector<uint8_t> byte_;  // that leads to it
  // All transitions of the first states, where texts without secrets stay.
  std::vector<std::array<State, 256>> dense_;
  std::array<bool, 256> uses_{};
};

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_PATTERN_AUTOMATON_H_
