#ifndef DAVIT_COMMON_RPC_LIMITS_H_
#define DAVIT_COMMON_RPC_LIMITS_H_

namespace davit {

// What both sides of a connection must agree on.

// Failures travel in trailers.
inline constexpr int kMaxMetadataBytes = 64 << 10;

// A side of a TCP connection that has heard nothing for so long asks the other whether
// it is there, and gives it this long to answer.
inline constexpr int kKeepaliveTimeMs = 10'000;
inline constexpr int kKeepaliveTimeoutMs = 5'000;

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_LIMITS_H_
