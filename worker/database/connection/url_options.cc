#include "worker/database/connection/url_options.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace davit::database {
namespace {

// libpq's parameters that say how to reach a server. Time limits are the worker's.
constexpr absl::string_view kLibpqOptions[] = {"application_name",
                                               "channel_binding",
                                               "client_encoding",
                                               "gssencmode",
                                               "hostaddr",
                                               "krbsrvname",
                                               "options",
                                               "passfile",
                                               "require_auth",
                                               "service",
                                               "ssl_max_protocol_version",
                                               "ssl_min_protocol_version",
                                               "sslcert",
                                               "sslcertmode",
                                               "sslcompression",
                                               "sslcrl",
                                               "sslcrldir",
                                               "sslkey",
                                               "sslmode",
                                               "sslnegotiation",
                                               "sslpassword",
                                               "sslrootcert",
                                               "sslsni",
                                               "target_session_attrs",
                                               "load_balance_hosts"};

bool IsLibpqOption(absl::string_view key) {
  for (const absl::string_view known : kLibpqOptions) {
    if (key == known) return true;
  }
  return false;
}

// asyncpg's and Node's ssl=true|require…, into sslmode.
std::string SslMode(absl::string_view value) {
  const std::string word = absl::AsciiStrToLower(value);
  if (word == "true" || word == "1" || word == "on" || word == "require") return "require";
  if (word == "false" || word == "0" || word == "off") return "disable";
  return word;
}

void AddServerOption(absl::string_view setting, DatabaseUrl& url) {
  std::string& options = url.options["options"];
  absl::StrAppend(&options, options.empty() ? "" : " ", "-c ", setting);
}

void ReplaceHosts(absl::string_view value, DatabaseUrl& url) {
  const int port = url.hosts.empty() ? 5432 : url.hosts.front().port;
  url.hosts.clear();
  for (const absl::string_view name : absl::StrSplit(value, ',')) {
    url.hosts.push_back({.name = std::string(name), .port = port});
  }
}

absl::Status ReplacePorts(absl::string_view value, DatabaseUrl& url) {
  int port = 0;
  if (!absl::SimpleAtoi(value, &port) || port < 1 || port > 65535) {
    return absl::InvalidArgumentError("has a port that is no number from 1 to 65535");
  }
  for (DatabaseHost& host : url.hosts) host.port = port;
  return absl::OkStatus();
}

// False: none of these.
bool TakeIdentity(absl::string_view key, std::string& value, DatabaseUrl& url) {
  std::string* place = key == "user"                          ? &url.user
                       : key == "password"                    ? &url.password
                       : key == "dbname" || key == "database" ? &url.database
                                                              : nullptr;
  if (place == nullptr) return false;
  *place = std::move(value);
  return true;
}

}  // namespace

absl::Status TakeUrlOption(std::string key, std::string value, DatabaseUrl& url) {
  if (TakeIdentity(key, value, url)) return absl::OkStatus();
  if (key == "port") return ReplacePorts(value, url);
  if (key == "host") {
    ReplaceHosts(value, url);
  } else if (key == "ssl") {
    url.options["sslmode"] = SslMode(value);
  } else if (key == "currentSchema" || key == "schema") {
    AddServerOption(absl::StrCat("search_path=", value), url);
  } else if (key == "options") {
    // Python reads + as a space, and no setting has a +.
    url.options[key] = absl::StrReplaceAll(value, {{"+", " "}});
  } else if (IsLibpqOption(key)) {
    url.options[std::move(key)] = std::move(value);
  } else {
    url.left_out.push_back(std::move(key));
  }
  return absl::OkStatus();
}

}  // namespace davit::database
