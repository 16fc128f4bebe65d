#include "client/commands/connection/endpoint.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/invocation/bad_input.h"

namespace davit::commands {
namespace {

constexpr char kDefaultTlsDirectory[] = "/.config/davit/tls";  // below the home directory
constexpr char kHowToGiveCertificates[] =
    "give --tls-dir DIR (DAVIT_TLS_DIR) with ca.crt, tls.crt and tls.key in it, or put them into "
    "~/.config/davit/tls";

// Empty when there is none.
std::string TlsDirectory(const Invocation& invocation) {
  if (!invocation.common.tls_dir.empty()) return invocation.common.tls_dir;
  const std::string named = invocation.variable("DAVIT_TLS_DIR").value_or("");
  if (!named.empty()) return named;
  const std::string home = invocation.variable("HOME").value_or("");
  std::error_code error;
  const std::string usual = home + kDefaultTlsDirectory;
  return !home.empty() && std::filesystem::is_directory(usual, error) ? usual : "";
}

absl::StatusOr<TlsIdentity> OurIdentity(const Invocation& invocation, const std::string& address) {
  const std::string directory = TlsDirectory(invocation);
  if (directory.empty()) {
    return BadInput(
        absl::StrCat("the controller at ", address, " speaks only to those with a certificate"),
        kHowToGiveCertificates);
  }
  absl::StatusOr<TlsIdentity> identity = LoadTls(TlsFilesIn(directory), absl::Now());
  if (identity.ok()) return identity;
  return BadInput(
      absl::StrCat("our certificate cannot be used: ", identity.status().message()),
      "mend that; --tls-dir (DAVIT_TLS_DIR) says where ca.crt, tls.crt and tls.key are");
}

}  // namespace

absl::StatusOr<Endpoint> RemoteEndpoint(const Invocation& invocation, const std::string& address) {
  const absl::StatusOr<Address> parsed = ParseAddress(address);
  if (!parsed.ok() || (!parsed->is_unix && parsed->port == 0)) {
    return BadInput(absl::StrCat("the controller's address \"", address, "\" is not understood",
                                 parsed.ok() ? "" : ": ", parsed.status().message()),
                    "give it as unix:/path or host:port");
  }
  Endpoint endpoint{.address = *parsed, .name = invocation.common.controller_name};
  if (endpoint.address.is_unix) return endpoint;
  if (endpoint.name.empty()) {
    endpoint.name = invocation.variable("DAVIT_CONTROLLER_NAME").value_or("");
  }
  absl::StatusOr<TlsIdentity> identity = OurIdentity(invocation, address);
  if (!identity.ok()) return identity.status();
  endpoint.tls = *std::move(identity);
  return endpoint;
}

}  // namespace davit::commands
