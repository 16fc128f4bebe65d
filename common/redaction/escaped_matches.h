#ifndef DAVIT_COMMON_REDACTION_ESCAPED_MATCHES_H_
#define DAVIT_COMMON_REDACTION_ESCAPED_MATCHES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "common/redaction/pattern_automaton.h"

namespace davit {

// Finds the patterns of which a part is escaped. Whether a byte begins an escape is
// open until its end, so both readings are followed: each is a lane, a state of the
// automaton of its own. A lane lives as long as the beginning of a pattern that it
// has read has an escape in it; texts without secrets have hardly ever one.
class EscapedMatches {
 public:
  // Begin (inclusive) and end (exclusive) of what was found, in bytes of the text.
  using Sink = absl::FunctionRef<void(uint64_t begin, uint64_t end)>;

  // Not owned.
  explicit EscapedMatches(const PatternAutomaton* automaton);

  // The text's next byte, at `position`, and the automaton's state before it when
  // nothing is an escape.
  void Put(char c, uint64_t position, PatternAutomaton::State plain, Sink sink);
  // Whether only a byte of `wakes` changes anything.
  bool idle() const { return lanes_.empty(); }
  const std::array<bool, 256>& wakes() const { return wakes_; }
  // Where the earliest pattern that may be whole later begins; `end` when there is none.
  uint64_t Earliest(uint64_t end) const;

 private:
  struct Escape {
    uint64_t at;    // first byte that it stands for, in the lane's count
    uint32_t size;  // bytes that it stands for
    uint32_t raw;   // bytes that it has
  };
  struct Lane {
    PatternAutomaton::State state;
    uint64_t length;              // bytes read, escapes undone
    std::vector<Escape> escapes;  // in what the state stands for
    std::string begun;            // of an escape that is not whole
  };

  // The lane with the byte as the first of an escape and as itself.
  void Fork(Lane lane, char c, uint64_t end, Sink sink);
  void Continue(Lane lane, char c, uint64_t end, Sink sink);
  void Literal(Lane lane, char c, uint64_t end, Sink sink);
  // Whether a pattern may go on, or ends, with what an escape stands for.
  bool Leads(PatternAutomaton::State state, absl::string_view decoded) const;
  void Decode(Lane lane, absl::string_view decoded, uint64_t end, Sink sink);
  // One byte as it is meant. Reports the pattern that ends with it.
  void Step(Lane& lane, char c, uint64_t end, Sink sink) const;
  // Where the escapes begin that lie in the last `length` bytes of the lane.
  static std::vector<Escape>::const_iterator FirstWithin(const Lane& lane, uint64_t length);
  void Keep(Lane lane, uint64_t end);
  // Bytes of the text that the last `length` ones of the lane were.
  static uint64_t RawLength(const Lane& lane, uint64_t length);
  uint64_t BeginOf(const Lane& lane, uint64_t end) const;

  const PatternAutomaton* automaton_;
  std::array<bool, 256> wakes_{};
  std::vector<Lane> lanes_;
  std::vector<Lane> next_;
};

}  // namespace davit

#endif  // DAVIT_COMMON_REDACTION_ESCAPED_MATCHES_H_
