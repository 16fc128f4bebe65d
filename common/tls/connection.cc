#include "common/tls/connection.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/tls/certificate.h"

namespace davit::tls {
namespace {

constexpr unsigned char kHttp2[] = {2, 'h', '2'};

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ContextDeleter>;

std::string TakeError() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "no reason given" : reason;
}

absl::Status Useless(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("our own certificate cannot be used: ", why));
}

absl::StatusOr<ContextPtr> MakeContext(const TlsIdentity& identity) {
  const auto chain = ParseCertificates(identity.cert_pem);
  if (!chain.ok()) return Useless(absl::StrCat("its file ", chain.status().message()));
  const auto key = ParseKey(identity.key_pem);
  if (!key.ok()) return Useless(absl::StrCat("its key's file ", key.status().message()));
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2));
  if (SSL_CTX_use_certificate(context.get(), chain->front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
    return Useless(TakeError());
  }
  for (size_t i = 1; i < chain->size(); ++i) {
    SSL_CTX_add1_chain_cert(context.get(), (*chain)[i].get());
  }
  return context;
}

// Whether `fd` is ready for `events`, or has failed, before `deadline`.
bool AwaitReady(int fd, int16_t events, absl::Time deadline) {
  while (true) {
    const auto left = absl::ToInt64Milliseconds(
        std::min(absl::Ceil(deadline - absl::Now(), absl::Milliseconds(1)), absl::Hours(1)));
    if (left <= 0) return false;
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// What OpenSSL found wrong with what it was given.
Outcome TakeFailure() {
  const unsigned long error = ERR_peek_error();
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET) {
    ERR_clear_error();
    return {.kind = Outcome::kAlert, .alert = reason - SSL_AD_REASON_OFFSET};
  }
  return {.kind = Outcome::kFailed, .text = TakeError()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Make(int fd, const TlsIdentity& identity,
                                                             const std::string& server_name) {
  const auto context = MakeContext(identity);
  if (!context.ok()) return context.status();
  SSL* const ssl = SSL_new(context->get());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_tlsext_host_name(ssl, server_name.c_str());
  return std::unique_ptr<Connection>(new Connection(fd, ssl));
}

Connection::Connection(int fd, SSL* ssl) : fd_(fd), ssl_(ssl) {}

Connection::~Connection() { SSL_free(ssl_); }

Outcome Connection::Handshake(absl::Time deadline) {
  return Drive([this] { return SSL_connect(ssl_); }, deadline);
}

Outcome Connection::ReadByte(absl::Time deadline) {
  char byte;
  return Drive([this, &byte] { return SSL_read(ssl_, &byte, 1); }, deadline);
}

Outcome Connection::Drive(absl::FunctionRef<int()> operation, absl::Time deadline) {
  while (true) {
    ERR_clear_error();
    const int result = operation();
    const int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, result);
    // What was refused is told to the other side, too.
    const Outcome sent = Flush(deadline);
    if (error == SSL_ERROR_NONE) return {.kind = Outcome::kDone};
    if (error == SSL_ERROR_ZERO_RETURN) return {.kind = Outcome::kClosed};
    if (error != SSL_ERROR_WANT_READ) return TakeFailure();
    if (sent.kind == Outcome::kTimedOut) return sent;
    // Who has closed the connection may have said why.
    if (const Outcome filled = Fill(deadline); filled.kind != Outcome::kDone) return filled;
  }
}

Outcome Connection::Flush(absl::Time deadline) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl_), &data);
  absl::string_view left(data, size);
  while (!left.empty()) {
    const ssize_t count = send(fd_, left.data(), left.size(), MSG_NOSIGNAL);
    if (count > 0) {
      left.remove_prefix(count);
    } else if (errno != EAGAIN && errno != EINTR) {
      return {.kind = Outcome::kClosed};
    } else if (!AwaitReady(fd_, POLLOUT, deadline)) {
      return {.kind = Outcome::kTimedOut};
    }
  }
  BIO_reset(SSL_get_wbio(ssl_));
  return {.kind = Outcome::kDone};
}

Outcome Connection::Fill(absl::Time deadline) {
  char buffer[16 << 10];
  while (true) {
    const ssize_t count = recv(fd_, buffer, sizeof(buffer), 0);
    if (count > 0) {
      BIO_write(SSL_get_rbio(ssl_), buffer, static_cast<int>(count));
      return {.kind = Outcome::kDone};
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) return {.kind = Outcome::kClosed};
    if (!AwaitReady(fd_, POLLIN, deadline)) return {.kind = Outcome::kTimedOut};
  }
}

}  // namespace davit::tls
