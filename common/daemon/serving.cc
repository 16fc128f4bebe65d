#include "common/daemon/serving.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/config/group.h"
#include "common/daemon/certificate_watch.h"
#include "common/daemon/end_signals.h"
#include "common/daemon/refusal_log.h"
#include "common/daemon/service_manager.h"

namespace davit {
namespace {

constexpr absl::Duration kLookAtCertificates = absl::Minutes(10);

absl::Status MakeDirectoryOf(const Address& address) {
  if (!address.is_unix) return absl::OkStatus();
  const std::filesystem::path directory = std::filesystem::path(address.path).parent_path();
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot make ", directory.string()));
}

absl::Status TakeAddresses(const google::protobuf::RepeatedPtrField<std::string>& texts,
                           ServerOptions* options) {
  for (const std::string& text : texts) {
    const absl::StatusOr<Address> address = ParseAddress(text);
    if (!address.ok()) return address.status();
    if (absl::Status status = MakeDirectoryOf(*address); !status.ok()) return status;
    options->listen.push_back(*address);
  }
  return absl::OkStatus();
}

absl::Status TakeTls(const config::v1::Tls& tls, ServerOptions* options) {
  if (tls.cert_file().empty()) return absl::OkStatus();
  absl::StatusOr<TlsIdentity> identity =
      LoadTls({tls.ca_file(), tls.cert_file(), tls.key_file()}, absl::Now());
  if (!identity.ok()) return identity.status();
  options->tls = *std::move(identity);
  options->allow.assign(tls.allow().begin(), tls.allow().end());
  return absl::OkStatus();
}

template <typename Config>
absl::StatusOr<ServerOptions> OptionsFrom(const Config& config) {
  ServerOptions options;
  if (absl::Status status = TakeAddresses(config.listen(), &options); !status.ok()) return status;
  if (absl::Status status = TakeTls(config.tls(), &options); !status.ok()) return status;
  options.mode = static_cast<mode_t>(std::stoul(config.socket_mode(), nullptr, 8));
  if (!config.socket_group().empty()) {
    const absl::StatusOr<gid_t> group = config::GroupNamed(config.socket_group());
    if (!group.ok()) return group.status();
    options.gid = *group;
  }
  return options;
}

}  // namespace

absl::StatusOr<ServerOptions> MakeServerOptions(const config::v1::ControllerConfig& config) {
  return OptionsFrom(config);
}

absl::StatusOr<ServerOptions> MakeServerOptions(const config::v1::WorkerConfig& config) {
  return OptionsFrom(config);
}

std::string AddressesInWords(const Server& server) {
  std::vector<std::string> texts;
  for (const Address& address : server.addresses()) texts.push_back(ToText(address));
  return absl::StrJoin(texts, ", ");
}

void ServeUntilToldToEnd(const std::string& program, const Server& server,
                         const std::optional<TlsIdentity>& tls, const std::string& cert_file) {
  LogsRefusals refusals;
  const std::string status = absl::StrCat(program, " serves at ", AddressesInWords(server));
  spdlog::info("{}{}", status, tls ? absl::StrCat(" as ", tls->name) : "");
  NotifyReady(status);
  CertificateWatch watch(cert_file, tls ? tls->expires : absl::InfiniteFuture());
  do {
    watch.Look(absl::Now());
    refusals.TellLeftOut();
  } while (!WasToldToEnd(kLookAtCertificates));
  spdlog::info("told to end");
  NotifyStopping();
}

}  // namespace davit
