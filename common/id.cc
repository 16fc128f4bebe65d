#include "common/id.h"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace davit {
namespace {

template <size_t N>
std::array<char, N> RandomBytes() {
  std::array<char, N> bytes;
  // Up to 256 bytes come whole once the generator is ready (getrandom(2)).
  while (getrandom(bytes.data(), N, 0) != static_cast<ssize_t>(N)) {
  }
  return bytes;
}

// `digits` base-32 digits of `value`, most significant first.
void AppendBase32(uint64_t value, int digits, std::string& out) {
  static constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  for (int shift = 5 * (digits - 1); shift >= 0; shift -= 5) {
    out.push_back(kAlphabet[(value >> shift) & 31]);
  }
}

}  // namespace

std::string NewRandomId() {
  const auto bytes = RandomBytes<16>();
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

std::string NewDeploymentId(absl::Time now) {
  const auto bytes = RandomBytes<8>();
  uint64_t random;
  std::memcpy(&random, bytes.data(), sizeof(random));
  std::string id = "d-";
  AppendBase32(static_cast<uint64_t>(absl::ToUnixMillis(now)), 10, id);
  AppendBase32(random, 10, id);
  return id;
}

std::string StepId(absl::string_view deployment_id, int index) {
  return absl::StrCat(deployment_id, absl::StrFormat("-%02d", index + 1));
}

}  // namespace davit
