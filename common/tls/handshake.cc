#include "common/tls/handshake.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/tls/certificate.h"
#include "common/tls/connection.h"

namespace davit::tls {
namespace {

std::vector<CertificatePtr> ParseKnown(const std::string& pem) {
  auto parsed = ParseCertificates(pem);
  return parsed.ok() ? *std::move(parsed) : std::vector<CertificatePtr>();
}

// The server's certificates, its own first.
std::vector<CertificatePtr> ChainOf(const SSL& ssl) {
  std::vector<CertificatePtr> chain;
  const STACK_OF(X509)* shown = SSL_get_peer_cert_chain(&ssl);
  for (int i = 0; i < sk_X509_num(shown); ++i) {
    X509* certificate = sk_X509_value(shown, i);
    X509_up_ref(certificate);
    chain.emplace_back(certificate);
  }
  return chain;
}

std::string NamesFor(const X509& certificate) {
  const std::vector<std::string> names = NamesIn(certificate);
  return names.empty() ? "no name" : absl::StrJoin(names, ", ");
}

void AddFaultsOfServer(const Server& server, const SSL& ssl, const TlsIdentity& identity,
                       std::vector<std::string>& facts) {
  const std::vector<CertificatePtr> chain = ChainOf(ssl);
  if (chain.empty()) return;
  const std::string subject = absl::StrCat("the certificate that ", server.where, " shows ");
  const Verdict verdict = Verify(chain, ParseKnown(identity.ca_pem), absl::Now(), Use::kServer);
  for (const std::string& problem : verdict.problems) {
    facts.push_back(absl::StrCat(subject, problem));
  }
  if (!IsFor(*chain.front(), server.name)) {
    facts.push_back(
        absl::StrCat(subject, "is for ", NamesFor(*chain.front()), " and not for ", server.name));
  }
}

// What we can see ourselves of why others do not like our certificate.
void AddFaultsOfOurs(const TlsIdentity& identity, std::vector<std::string>& facts) {
  const std::vector<CertificatePtr> chain = ParseKnown(identity.cert_pem);
  if (chain.empty()) return;
  const Verdict verdict = Verify(chain, ParseKnown(identity.ca_pem), absl::Now(), Use::kClient);
  for (const std::string& problem : verdict.problems) {
    facts.push_back(absl::StrCat("our own certificate ", problem));
  }
  if (verdict.problems.empty()) {
    facts.push_back(absl::StrCat("our own certificate is signed by ", IssuerOf(*chain.front()),
                                 "; the other side may know another CA"));
  }
}

bool IsAboutCertificates(int alert) {
  return (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
         alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_ACCESS_DENIED ||
         alert == SSL_AD_DECRYPT_ERROR || alert == SSL_AD_CERTIFICATE_REQUIRED;
}

void AddRefusal(const Server& server, const TlsIdentity& identity, absl::string_view how,
                std::vector<std::string>& facts) {
  facts.push_back(
      absl::StrCat(server.where, " refuses our certificate, that of ", identity.name, ": ", how));
  AddFaultsOfOurs(identity, facts);
}

void AddAlert(const Server& server, const TlsIdentity& identity, int alert,
              std::vector<std::string>& facts) {
  const std::string text =
      absl::StrCat("TLS alert \"", SSL_alert_desc_string_long(alert), "\" (", alert, ")");
  if (IsAboutCertificates(alert)) {
    AddRefusal(server, identity, text, facts);
  } else {
    facts.push_back(absl::StrCat(server.where, " breaks the handshake off: ", text));
  }
}

// What an unfinished handshake says.
void AddFailure(const Server& server, const TlsIdentity& identity, const Outcome& outcome,
                std::vector<std::string>& facts) {
  switch (outcome.kind) {
    case Outcome::kDone:
      return;
    case Outcome::kAlert:
      return AddAlert(server, identity, outcome.alert, facts);
    case Outcome::kTimedOut:
      facts.push_back(absl::StrCat(server.where,
                                   " takes the connection but does not answer the TLS handshake: "
                                   "its program hangs, or speaks something else"));
      return;
    case Outcome::kClosed:
      facts.push_back(absl::StrCat(server.where,
                                   " closes the connection during the TLS handshake: it may "
                                   "speak no TLS at all"));
      return;
    case Outcome::kFailed:
      facts.push_back(absl::StrCat(server.where, " answers with something that is no TLS (",
                                   outcome.text, ")"));
      return;
  }
}

// With TLS 1.3 the client is through before the server has looked at its certificate.
void AddReception(const Server& server, const TlsIdentity& identity, const Outcome& outcome,
                  std::vector<std::string>& facts) {
  switch (outcome.kind) {
    case Outcome::kDone:
      return;
    case Outcome::kAlert:
      return AddAlert(server, identity, outcome.alert, facts);
    case Outcome::kClosed:
      return AddRefusal(server, identity, "it closes the connection when it sees it", facts);
    case Outcome::kTimedOut:
      facts.push_back(absl::StrCat(server.where,
                                   " takes the TLS handshake and then says nothing: its program "
                                   "hangs, or is none of Davit"));
      return;
    case Outcome::kFailed:
      facts.push_back(absl::StrCat(server.where, " breaks the TLS rules (", outcome.text, ")"));
      return;
  }
}

}  // namespace

std::vector<std::string> FaultsOfHandshake(const Server& server, const TlsIdentity& identity,
                                           absl::Time deadline) {
  std::vector<std::string> facts;
  auto connection = Connection::Make(server.fd, identity, server.name);
  if (!connection.ok()) {
    facts.emplace_back(connection.status().message());
    return facts;
  }
  const Outcome shaken = (*connection)->Handshake(deadline);
  AddFaultsOfServer(server, (*connection)->ssl(), identity, facts);
  if (shaken.kind != Outcome::kDone) {
    AddFailure(server, identity, shaken, facts);
  } else {
    AddReception(server, identity, (*connection)->ReadByte(deadline), facts);
  }
  return facts;
}

}  // namespace davit::tls
