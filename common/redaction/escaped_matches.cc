#include "common/redaction/escaped_matches.h"

#include <algorithm>
#include <utility>

#include "common/redaction/escape.h"

namespace davit {

EscapedMatches::EscapedMatches(const PatternAutomaton* automaton) : automaton_(automaton) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    wakes_[i] = BeginsEscape(c) && automaton->states() > 1 && (c != '+' || automaton->uses(' ')) &&
                (c != '\'' || automaton->uses('\''));
  }
}

void EscapedMatches::Put(char c, uint64_t position, PatternAutomaton::State plain, Sink sink) {
  const uint64_t end = position + 1;
  const bool wakes = wakes_[static_cast<uint8_t>(c)];
  next_.clear();
  for (Lane& lane : lanes_) {
    if (!lane.begun.empty()) {
      Continue(std::move(lane), c, end, sink);
      continue;
    }
    if (wakes) {
      Fork(std::move(lane), c, end, sink);
    } else {
      Literal(std::move(lane), c, end, sink);
    }
  }
  if (wakes) Continue({plain, automaton_->depth(plain), {}, ""}, c, end, sink);
  lanes_.swap(next_);
}

void EscapedMatches::Fork(Lane lane, char c, uint64_t end, Sink sink) {
  // As itself it mostly leads out of the pattern: little is copied then.
  Lane literal{automaton_->Next(lane.state, c), lane.length, {}, ""};
  const uint64_t kept = automaton_->depth(literal.state);
  if (kept > 0) literal.escapes.assign(FirstWithin(lane, kept - 1), lane.escapes.cend());
  literal.state = lane.state;
  Literal(std::move(literal), c, end, sink);
  Continue(std::move(lane), c, end, sink);
}

void EscapedMatches::Continue(Lane lane, char c, uint64_t end, Sink sink) {
  lane.begun.push_back(c);
  std::string decoded;
  switch (ReadEscape(lane.begun, decoded)) {
    case EscapeState::kNone:
      return;
    case EscapeState::kBegun:
      return Keep(std::move(lane), end);
    case EscapeState::kWhole:
      if (Leads(lane.state, decoded)) Decode(std::move(lane), decoded, end, sink);
      return;
  }
}

void EscapedMatches::Literal(Lane lane, char c, uint64_t end, Sink sink) {
  Step(lane, c, end, sink);
  if (!lane.escapes.empty()) Keep(std::move(lane), end);
}

bool EscapedMatches::Leads(PatternAutomaton::State state, absl::string_view decoded) const {
  for (const char c : decoded) {
    state = automaton_->Next(state, c);
    if (automaton_->match(state) > 0) return true;
  }
  return automaton_->open(state) > 0;
}

void EscapedMatches::Decode(Lane lane, absl::string_view decoded, uint64_t end, Sink sink) {
  lane.escapes.push_back({lane.length, static_cast<uint32_t>(decoded.size()),
                          static_cast<uint32_t>(lane.begun.size())});
  lane.begun.clear();
  for (const char c : decoded) Step(lane, c, end, sink);
  if (!lane.escapes.empty()) Keep(std::move(lane), end);
}

void EscapedMatches::Step(Lane& lane, char c, uint64_t end, Sink sink) const {
  lane.state = automaton_->Next(lane.state, c);
  ++lane.length;
  if (const uint32_t match = automaton_->match(lane.state); match > 0) {
    sink(end - RawLength(lane, match), end);
  }
  lane.escapes.erase(lane.escapes.cbegin(), FirstWithin(lane, automaton_->open(lane.state)));
}

std::vector<EscapedMatches::Escape>::const_iterator EscapedMatches::FirstWithin(const Lane& lane,
                                                                                uint64_t length) {
  const uint64_t begin = lane.length - length;
  return std::partition_point(
      lane.escapes.cbegin(), lane.escapes.cend(),
      [begin](const Escape& escape) { return escape.at + escape.size <= begin; });
}

uint64_t EscapedMatches::RawLength(const Lane& lane, uint64_t length) {
  uint64_t raw = length;
  const uint64_t begin = lane.length - length;
  for (auto escape = FirstWithin(lane, length); escape != lane.escapes.cend(); ++escape) {
    // One of which only a part belongs to it belongs to it whole.
    const uint64_t escape_end = std::min(escape->at + escape->size, lane.length);
    raw += escape->raw - (escape_end - std::max(escape->at, begin));
  }
  return raw;
}

uint64_t EscapedMatches::BeginOf(const Lane& lane, uint64_t end) const {
  return end - lane.begun.size() - RawLength(lane, automaton_->open(lane.state));
}

void EscapedMatches::Keep(Lane lane, uint64_t end) {
  for (Lane& other : next_) {
    if (other.state != lane.state || other.begun != lane.begun) continue;
    // They go on alike: the one that has begun earlier finds more.
    if (BeginOf(lane, end) < BeginOf(other, end)) other = std::move(lane);
    return;
  }
  next_.push_back(std::move(lane));
}

uint64_t EscapedMatches::Earliest(uint64_t end) const {
  uint64_t earliest = end;
  for (const Lane& lane : lanes_) earliest = std::min(earliest, BeginOf(lane, end));
  return earliest;
}

}  // namespace davit
