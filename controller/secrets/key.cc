#include "controller/secrets/key.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"

namespace davit::secrets {
namespace {

constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* Octets(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

Key::Bytes Key::MakeBytes() {
  // Both fail only where a process has no source of randomness, or next to no memory.
  if (sodium_init() < 0) std::abort();
  Bytes bytes(static_cast<unsigned char*>(sodium_malloc(kKeyBytes)), sodium_free);
  if (bytes == nullptr) std::abort();
  return bytes;
}

Key Key::Random() {
  Bytes bytes = MakeBytes();
  crypto_aead_xchacha20poly1305_ietf_keygen(bytes.get());
  return Key(std::move(bytes));
}

absl::StatusOr<Key> Key::Parse(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  Bytes bytes = MakeBytes();
  size_t length = 0;
  const char* end = nullptr;
  const int read =
      sodium_hex2bin(bytes.get(), kKeyBytes, text.data(), text.size(), nullptr, &length, &end);
  if (read != 0 || length != kKeyBytes || end != text.data() + text.size()) {
    return FailureStatus(
        v1::SECRET_KEY_UNUSABLE,
        absl::StrCat("it is no key: a key is one line of ", 2 * kKeyBytes, " hexadecimal digits"));
  }
  return Key(std::move(bytes));
}

std::string Key::ToText() const {
  std::array<char, 2 * kKeyBytes + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), bytes_.get(), kKeyBytes);
  std::string text = absl::StrCat(hex.data(), "\n");
  sodium_memzero(hex.data(), hex.size());
  return text;
}

std::string Key::Seal(absl::string_view plain, absl::string_view context) const {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Octets(sealed) + kNonceBytes, nullptr, Octets(plain),
                                             plain.size(), Octets(context), context.size(), nullptr,
                                             Octets(sealed), bytes_.get());
  return sealed;
}

absl::StatusOr<std::string> Key::Open(absl::string_view sealed, absl::string_view context) const {
  if (sealed.size() >= kNonceBytes + kTagBytes) {
    const absl::string_view box = sealed.substr(kNonceBytes);
    std::string plain(box.size() - kTagBytes, '\0');
    const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        Octets(plain), nullptr, nullptr, Octets(box), box.size(), Octets(context), context.size(),
        Octets(sealed), bytes_.get());
    if (opened == 0) return plain;
  }
  return FailureStatus(v1::SECRET_KEY_UNUSABLE, "it was sealed under another key, or is damaged");
}

}  // namespace davit::secrets
