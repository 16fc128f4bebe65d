#include "common/config/checks.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/config/group.h"
#include "common/rpc/address.h"
#include "davit/config/v1/config.pb.h"

namespace davit::config {
namespace {

using spec::Report;

// Whether one of the addresses is TCP.
template <typename Config>
bool CheckListen(const Config& config, const Report& report) {
  if (config.listen().empty()) report({"listen", "`listen` must name an address at least"});
  std::set<std::string> seen;
  bool tcp = false;
  for (int i = 0; i < config.listen_size(); ++i) {
    const std::string path = spec::PathOf("listen", i);
    const absl::StatusOr<Address> address = ParseAddress(config.listen(i));
    if (!address.ok()) {
      report({path, std::string(address.status().message())});
      continue;
    }
    tcp = tcp || !address->is_unix;
    if (!seen.insert(ToText(*address)).second) {
      report({path, absl::StrCat(ToText(*address), " is in the list twice")});
    }
  }
  return tcp;
}

void CheckTls(const v1::Tls& tls, bool tcp, const Report& report) {
  const auto check = [&](const char* name, bool given, bool wanted) {
    if (given || !wanted) return;
    report({absl::StrCat("tls.", name),
            absl::StrCat("`tls.", name, "` is needed: ",
                         tcp ? "TCP is served with certificates on both sides only"
                             : "ca_file, cert_file and key_file belong together"),
            /*at_key=*/true});
  };
  const bool files =
      tcp || !tls.ca_file().empty() || !tls.cert_file().empty() || !tls.key_file().empty();
  check("ca_file", !tls.ca_file().empty(), files);
  check("cert_file", !tls.cert_file().empty(), files);
  check("key_file", !tls.key_file().empty(), files);
  check("allow", !tls.allow().empty(), tcp);
}

template <typename Config>
void CheckServing(const Config& config, const Report& report) {
  CheckTls(config.tls(), CheckListen(config, report), report);
  if (!absl::StartsWith(config.state_directory(), "/")) {
    report({"state_directory", "`state_directory` must be an absolute path"});
  }
  if (config.socket_group().empty()) return;
  const auto group = GroupNamed(config.socket_group());
  if (group.ok()) return;
  const std::string advice =
      absl::IsNotFound(group.status())
          ? absl::StrCat("; make it with `groupadd --system ", config.socket_group(),
                         "`, or remove `socket_group`")
          : "";
  report({"socket_group", absl::StrCat(group.status().message(), advice)});
}

}  // namespace

void CheckController(const google::protobuf::Message& config, const Report& report) {
  const auto& controller = dynamic_cast<const v1::ControllerConfig&>(config);
  CheckServing(controller, report);
  const std::string& key_file = controller.secrets().key_file();
  if (!key_file.empty() && !absl::StartsWith(key_file, "/")) {
    report({"secrets.key_file", "`secrets.key_file` must be an absolute path"});
  }
}

void CheckWorker(const google::protobuf::Message& config, const Report& report) {
  CheckServing(dynamic_cast<const v1::WorkerConfig&>(config), report);
}

}  // namespace davit::config
