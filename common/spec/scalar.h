#ifndef DAVIT_COMMON_SPEC_SCALAR_H_
#define DAVIT_COMMON_SPEC_SCALAR_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace davit::spec {

// 500ms, 5s, 2m, 1h30m, 1.5s, 0; may be negative, is never infinite.
std::optional<absl::Duration> ParseDuration(absl::string_view text);

// Bytes: 1048576, 512MiB, 1.5GiB, 100kB. Compose's 512m is refused: it means
// 512 MiB there and a milli-something elsewhere.
std::optional<int64_t> ParseSize(absl::string_view text);

// What the field's value, or an entry of it, must be, in words: "a whole number".
std::string Expected(const google::protobuf::FieldDescriptor& field);

// Whether the field, or an entry of it, is written as a scalar. Durations are.
bool IsScalar(const google::protobuf::FieldDescriptor& field);

// Reads the text into the field of `out`, or appends it when the field is
// repeated. False: it is not what Expected() says.
bool SetScalar(absl::string_view text, const google::protobuf::FieldDescriptor& field,
               google::protobuf::Message* out);

}  // namespace davit::spec

#endif  // DAVIT_COMMON_SPEC_SCALAR_H_
