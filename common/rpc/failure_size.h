#ifndef DAVIT_COMMON_RPC_FAILURE_SIZE_H_
#define DAVIT_COMMON_RPC_FAILURE_SIZE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "davit/v1/failure.pb.h"

namespace davit {

// `text` cut to `max_bytes` at most, on a character's boundary, with "…" where
// something was left out. Bytes that are no UTF-8 become '?': a protobuf string
// that has some cannot be read by the other side.
std::string ShortenText(absl::string_view text, size_t max_bytes);

// `failure` cut down to about `max_bytes` of wire format: first the oldest lines of the
// log tail go, then the log tails of its parts, then the last entries of evidence, which are
// counted in a last one, and at last the last parts, which are counted there, too.
v1::Failure ShortenFailure(v1::Failure failure, size_t max_bytes);

}  // namespace davit

#endif  // DAVIT_COMMON_RPC_FAILURE_SIZE_H_
